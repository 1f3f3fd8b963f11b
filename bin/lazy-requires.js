// What the build changes in the files of the bundle: `const x = require('y')` at the top of a module loads y when x is first used, not
// before, and `import('y')` of what is not in the bundle is a require too. oclif and its dependencies then cost a command
// only what it uses of them, and so do Node's own modules.
import { parseAst } from 'rolldown/parseAst';

/** @typedef {{ type: string, start: number, end: number, [key: string]: any }} Node */
/** @typedef {{ start: number, end: number, text: string }} Edit */
/** @typedef {{ declaration: Node, uses: Edit[] }} Candidate */

/** What bundler and compilers put around a `require`. */
const WRAPPERS = new Set(['__toESM', '__importDefault', '__importStar']);
const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

const HELPERS = [
  'const lazy$=(f)=>{let v,d=false;return()=>{if(!d){v=f();d=true}return v}};',
  'const imported$=async(m)=>Object.create(m=require(m),{default:{value:m}});',
].join('');

/** @param {Node} node @returns {Iterable<[string, Node]>} */
function* children(node) {
  for (const [key, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === 'string') yield [key, child];
    }
  }
}

/** Whether an expression does nothing but load a module. @param {Node | null} node @returns {boolean} */
function loads(node) {
  if (node?.type !== 'CallExpression') return false;
  const args = /** @type {Node[]} */ (node.arguments);
  const callee = node.callee.type === 'SequenceExpression' ? node.callee.expressions.at(-1) : node.callee;
  const name = callee.type === 'MemberExpression' && !callee.computed ? callee.property.name : callee.name;
  if (name === 'require') return callee.type === 'Identifier' && args.length === 1 && args[0]?.type === 'Literal';
  // The bundler's name for a CommonJS module that it took in.
  if (/^require_\w+/.test(name ?? '')) return args.length === 0;
  return WRAPPERS.has(name) && loads(args[0] ?? null);
}

/** The names in a pattern. @param {Node} pattern @returns {Iterable<string>} */
function* names(pattern) {
  if (pattern.type === 'MemberExpression') return;
  if (pattern.type === 'Identifier') yield pattern.name;
  else if (pattern.type === 'Property') yield* names(pattern.value);
  else for (const [, child] of children(pattern)) yield* names(child);
}

/** The names that a node binds or writes, whatever they mean below it. @param {Node} node @returns {Iterable<string>} */
function* bound(node) {
  if (FUNCTIONS.has(node.type)) for (const param of node.params) yield* names(param);
  if (node.id) yield* names(node.id);
  if (node.type === 'CatchClause' && node.param) yield* names(node.param);
  if (node.type === 'AssignmentExpression') yield* names(node.left);
  if (node.type === 'UpdateExpression') yield* names(node.argument);
}

/** Whether the child under this key of the node is a name of something, not a reference. @param {Node} node @param {string} key */
function isLabel(node, key) {
  if (key === 'property') return node.type === 'MemberExpression' && !node.computed;
  if (key === 'key') return !node.computed;
  return key === 'label';
}

/**
 * Notes every use of the candidates; strikes off those whose name may mean something else somewhere: nothing is sure then.
 * @param {Node} node
 * @param {Map<string, Candidate>} candidates
 */
function findUses(node, candidates) {
  if (node.type === 'Identifier') {
    const { start, end, name } = node;
    candidates.get(name)?.uses.push({ start, end, text: `(${name}$())` });
    return;
  }
  for (const name of bound(node)) {
    if (candidates.get(name)?.declaration !== node) candidates.delete(name);
  }
  if (node.type === 'Property' && node.shorthand && node.value.type === 'Identifier') {
    const { start, end, name } = node.value;
    candidates.get(name)?.uses.push({ start, end, text: `${name}: ${name}$()` });
    return;
  }
  for (const [key, child] of children(node)) {
    if (!isLabel(node, key) && child !== candidates.get(child.name)?.declaration.id) findUses(child, candidates);
  }
}

/** @param {Node[]} statements of a module @returns {Edit[]} */
function editsOf(statements) {
  const declarations = statements.flatMap((one) => (one.type === 'VariableDeclaration' ? one.declarations : []));
  /** @type {Map<string, Candidate>} */
  const candidates = new Map();
  for (const declaration of declarations) {
    if (declaration.id.type !== 'Identifier' || !loads(declaration.init)) continue;
    candidates.set(declaration.id.name, { declaration, uses: [] });
  }
  if (candidates.size === 0) return [];
  for (const one of statements) findUses(one, candidates);
  return [...candidates.values()].flatMap(({ declaration: { id, init }, uses }) => [
    ...uses,
    { start: id.start, end: id.end, text: `${id.name}$` },
    { start: init.start, end: init.start, text: 'lazy$(() => ' },
    { start: init.end, end: init.end, text: ')' },
  ]);
}

/**
 * Node's own modules and packages outside of the bundle: Node's loader of ES modules takes longer to start than they,
 * and is out of reach for code that comes with what V8 compiled of it.
 * @param {Node} node
 * @returns {Edit[]}
 */
function importEdits(node) {
  if (node.type !== 'ImportExpression' || node.source.type !== 'Literal') return [];
  return [{ start: node.start, end: node.source.start, text: 'imported$(' }];
}

/** @param {Node} node @returns {Edit[]} */
function allEdits(node) {
  const body = node.type === 'Program' ? node.body : FUNCTIONS.has(node.type) ? node.body.body : undefined;
  const own = Array.isArray(body) ? editsOf(body) : [];
  return [...own, ...importEdits(node), ...[...children(node)].flatMap(([, child]) => allEdits(child))];
}

/**
 * Makes the `require`s of a bundled file lazy. Lines stay where they are, so a source map stays right.
 * @param {string} code
 */
export function lazyRequires(code) {
  // The bundler's way to write `let x = __toESM(require('x'), 1)`.
  const joined = code.replace(
    /^let (\w+) = require\(("[^"]+")\);\n\1 = (\S*__toESM)\(\1, 1\);$/gm,
    'let $1 = $3(require($2), 1);\n',
  );
  const program = /** @type {Node} */ (/** @type {unknown} */ (parseAst(joined, { lang: 'js' })));
  const edits = allEdits(program).sort((a, b) => a.start - b.start || a.end - b.end);
  let done = edits.length === 0 ? '' : HELPERS;
  let at = 0;
  for (const { start, end, text } of edits) {
    done += joined.slice(at, start) + text;
    at = end;
  }
  return done + joined.slice(at);
}
