import { describe, expect, it } from 'vitest';
import { type Consent, confirmDestruction } from '../../src/cli/confirm.ts';
import { createPrompts, type Prompts } from '../../src/cli/prompts.ts';
import { testIo } from '../support/run-command.ts';

const deed = { what: 'delete /app and 3 znodes below it', details: ['12 KiB', '1 ephemeral'] };

/** Prompts that answer from a list, and write down what they were asked. */
function scripted(...answers: unknown[]): { prompts: Prompts; asked: string[] } {
  const asked: string[] = [];
  const answer = async (message: string): Promise<never> => {
    asked.push(message);
    if (answers.length === 0) throw new Error(`nobody expected: ${message}`);
    return answers.shift() as never;
  };
  return { asked, prompts: { input: answer, password: answer, confirm: answer, select: answer } };
}

function consent(tty: boolean, prompts: Prompts | undefined, more: Partial<Consent> = {}) {
  const { io, stderr } = testIo({ tty });
  return { consent: { io, prompts: prompts ?? createPrompts(io), yes: false, ...more }, stderr };
}

describe('a destruction', () => {
  it('is shown and asked about on a terminal', async () => {
    const { prompts, asked } = scripted(true);
    const place = consent(true, prompts);
    await confirmDestruction(deed, place.consent);
    expect(asked).toEqual(['delete /app and 3 znodes below it?']);
    expect(place.stderr()).toBe('About to delete /app and 3 znodes below it:\n  12 KiB\n  1 ephemeral\n');
  });

  it('does not happen when the answer is no', async () => {
    const { prompts } = scripted(false);
    await expect(confirmDestruction(deed, consent(true, prompts).consent)).rejects.toMatchObject({
      code: 'DECLINED',
      exitCode: 1,
    });
  });

  it('is not asked about with --yes', async () => {
    const { prompts, asked } = scripted();
    await confirmDestruction(deed, consent(true, prompts, { yes: true }).consent);
    expect(asked).toEqual([]);
  });

  it('of a single znode is not asked about', async () => {
    const { prompts, asked } = scripted();
    await confirmDestruction({ what: 'delete /a', protectedOnly: true }, consent(false, prompts).consent);
    expect(asked).toEqual([]);
  });

  it('is refused where nobody can be asked, naming the flag', async () => {
    await expect(confirmDestruction(deed, consent(false, undefined).consent)).rejects.toMatchObject({
      code: 'CANNOT_ASK',
      exitCode: 2,
      message: expect.stringContaining('--yes'),
    });
  });
});

describe('a destruction in a protected context', () => {
  const inProd = { protectedContext: 'prod' };

  it.each([[false], [true]])('asks for the name of the context, also with --yes: %s', async (yes) => {
    const { prompts, asked } = scripted('prod');
    await confirmDestruction(deed, consent(true, prompts, { ...inProd, yes }).consent);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('Type its name (prod)');
  });

  it('does not happen when another name is typed', async () => {
    const { prompts } = scripted('staging');
    await expect(confirmDestruction(deed, consent(true, prompts, inProd).consent)).rejects.toMatchObject({
      code: 'DECLINED',
    });
  });

  it('needs --i-know where nobody can be asked, and --yes is not enough', async () => {
    await expect(
      confirmDestruction(deed, consent(false, undefined, { ...inProd, yes: true }).consent),
    ).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('--i-know prod is missing'),
    });
  });

  it('happens without a question when --i-know names it', async () => {
    const { prompts, asked } = scripted();
    await confirmDestruction(deed, consent(false, prompts, { ...inProd, iKnow: 'prod' }).consent);
    expect(asked).toEqual([]);
  });

  it('is refused by a gate when --i-know names another one', async () => {
    const { prompts } = scripted('prod');
    await expect(
      confirmDestruction(deed, consent(true, prompts, { ...inProd, yes: true, iKnow: 'staging' }).consent),
    ).rejects.toMatchObject({ code: 'WRONG_CONTEXT', exitCode: 8 });
  });
});

describe('a question', () => {
  it.each(['input', 'password', 'confirm'] as const)(
    '%s off a terminal names the flag that would answer it',
    async (kind) => {
      const prompts = createPrompts(testIo({ tty: false }).io);
      await expect(prompts[kind]('Who?', '--who')).rejects.toMatchObject({
        code: 'CANNOT_ASK',
        exitCode: 2,
        hint: 'Give --who, or run it on a terminal.',
      });
    },
  );
});
