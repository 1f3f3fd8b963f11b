import { type Finding, type LintOptions, lint } from '../../config/lint.ts';
import type { MemberConfig } from '../../config/member.ts';
import type { Release } from '../../config/parameters/release.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';

/**
 * What the rules of config lint find wrong with these files for another release, and not for the one they are in use with:
 * keys that it no longer knows, values that it refuses. Returns the warnings.
 *
 * @throws ZkshError `CONFIG_ERRORS`
 */
export function lintForRelease(
  configs: readonly MemberConfig[],
  from: Release,
  to: Release,
  options: Pick<LintOptions, 'nearest' | 'ignore'>,
): readonly string[] {
  const found = (release: Release): Finding[] =>
    lint(configs, { ...options, release, releaseKnown: true, severity: 'warning' });
  const before = new Set(found(from).map(named));
  const fresh = found(to).filter((finding) => !before.has(named(finding)));
  const errors = fresh.filter(({ severity }) => severity === 'error');
  const [worst] = errors;
  if (worst === undefined) return fresh.map(named);
  throw new ZkshError(`the new release would not take the configuration as it is: ${errors.map(named).join('; ')}`, {
    code: 'CONFIG_ERRORS',
    exitCode: ExitCode.unhealthy,
    hint: `Correct it first (rolling apply). zksh config lint --explain ${worst.rule} says why; --ignore ${worst.rule} upgrades all the same.`,
  });
}

function named({ rule, file, message }: Finding): string {
  return `${file}: ${message} (${rule})`;
}
