import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { EditedFile, runEditor } from '../src/cli/editor.ts';
import type { Client } from '../src/client/client.ts';
import { statJson } from '../src/output/stat.ts';
import type { View } from '../src/output/view.ts';
import { ZkshError } from '../src/protocol/errors.ts';
import { baseName } from '../src/protocol/paths.ts';
import type { Stat } from '../src/protocol/records.ts';
import { type Draft, type EditForm, editedData, readDraft, writeEdited } from '../src/znodes/edit.ts';

interface Result {
  path: string;
  changed: boolean;
  bytes: { before: number; after: number };
  /** After the write; absent when nothing was written. */
  stat?: Stat | undefined;
}

export default class Edit extends ZkshCommand<Result, typeof Edit> {
  static override summary = 'change the data of a znode in your editor';
  static override description =
    `Opens the data in $VISUAL, $EDITOR or vi and writes back what you save, provided nobody else has written the znode
meanwhile. When the write is refused or fails, your text is kept in a file, and the error names it.

Data that is no text is refused unless --base64 or --force is given. A line feed that the editor adds at the end is left
out where the data had none.

JSON: {path, changed, bytes: {before, after}, stat}; stat is that after the write, absent when nothing was written.`;
  static override examples = [
    '<%= config.bin %> edit /app/config',
    "EDITOR='sed -i s/debug/info/' <%= config.bin %> edit /app/log-level",
    '<%= config.bin %> edit /app/key --base64',
  ];
  static override dryRun = true;
  static override args = { path: Args.string({ required: true, description: 'znode to edit' }) };
  static override flags = {
    base64: Flags.boolean({ description: 'edit the data as base64', exclusive: ['force'] }),
    force: Flags.boolean({ description: 'edit the bytes as they are, though they are no text' }),
  };

  protected readonly view: View<Result> = {
    text: ({ path, changed, bytes, stat }, style) => {
      if (!changed) return `${style.name(path)} is unchanged: nothing was written`;
      const sizes = `${style.size(bytes.before)} -> ${style.size(bytes.after)}`;
      if (stat === undefined) return `would write ${style.name(path)}: ${sizes}`;
      return `${style.name(path)} is written: version ${stat.version}, ${sizes}`;
    },
    json: ({ stat, ...rest }) => ({ ...rest, stat: stat && statJson(stat) }),
  };

  protected async execute(): Promise<Result> {
    const path = this.resolvePath(this.args.path);
    const client = await this.client();
    const draft = await readDraft(client, path, this.#form(), { signal: this.signal });
    const file = await EditedFile.create(baseName(path), draft.file, this.io.env);
    try {
      await runEditor(file.path, this.io, this.signal);
      const result = await this.#write(client, draft, await file.read());
      await file.remove();
      return result;
    } catch (error) {
      throw await kept(error, draft, file);
    }
  }

  async #write(client: Client, draft: Draft, content: Buffer): Promise<Result> {
    const after = editedData(draft, content);
    const before = draft.before?.length ?? 0;
    const bytes = { before, after: after?.length ?? before };
    const { path } = draft;
    if (after === undefined || this.flags['dry-run']) return { path, changed: after !== undefined, bytes };
    await this.confirm({ what: `overwrite the data of ${path}`, protectedOnly: true });
    return { path, changed: true, bytes, stat: await writeEdited(client, draft, after, { signal: this.signal }) };
  }

  #form(): EditForm {
    if (this.flags.base64) return 'base64';
    return this.flags.force ? 'bytes' : 'text';
  }
}

/** The error, saying where the text is that was not written; when none was written into the file, it goes. */
async function kept(error: unknown, draft: Draft, file: EditedFile): Promise<unknown> {
  const content = await file.read().catch(() => undefined);
  if (content === undefined || content.equals(draft.file)) {
    await file.remove();
    return error;
  }
  const where = `Your text is kept in ${file.path}`;
  if (!(error instanceof ZkshError)) return Object.assign(new Error(`${String(error)}. ${where}`), { cause: error });
  const hint = error.hint === undefined ? `${where}.` : `${error.hint} ${where}.`;
  const { message, code, exitCode } = error;
  const outcome = 'outcome' in error ? error.outcome : undefined;
  return Object.assign(new ZkshError(message, { code, exitCode, hint, cause: error }), { outcome });
}
