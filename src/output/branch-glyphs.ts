/** How the branches of a tree are drawn. */
export interface BranchGlyphs {
  /** Another level goes on here. */
  readonly rail: string;
  readonly blank: string;
  readonly child: string;
  readonly lastChild: string;
  /** Stands for something left out. */
  readonly dots: string;
}

const LINES: BranchGlyphs = { rail: '│   ', blank: '    ', child: '├── ', lastChild: '└── ', dots: '…' };
const ASCII: BranchGlyphs = { rail: '|   ', blank: '    ', child: '|-- ', lastChild: '`-- ', dots: '...' };

/** Box drawing where the locale has it; in the locale "C", or with none at all, a terminal may show anything for it. */
export function branchGlyphs(env: Readonly<Record<string, string | undefined>>, ascii: boolean): BranchGlyphs {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return !ascii && /utf-?8/i.test(locale) ? LINES : ASCII;
}
