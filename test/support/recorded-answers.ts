import { readFileSync } from 'node:fs';
import { parseAdminJson } from '../../src/ensemble/admin-server.ts';

/** The releases whose answers are recorded. */
export const RELEASES = ['3.4.14', '3.5.10', '3.6.4', '3.7.2', '3.8.4', '3.9.5'] as const;

export type RecordedRole = 'leader' | 'follower' | 'observer' | 'notServing' | 'standalone';

interface Recorded {
  words: Record<string, string>;
  admin: Record<string, { status: number; type: string; body: string }>;
}

/** What servers of a release said of themselves, by role. */
export function recordedAnswers(release: string): Record<RecordedRole, Recorded> {
  const file = new URL(`../fixtures/answers/${release}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Record<RecordedRole, Recorded>;
}

/** The fields of a recorded AdminServer answer; undefined where it had none, or an error. */
export function adminFields(recorded: Recorded, command: string): Record<string, unknown> | undefined {
  const fields = parseAdminJson(recorded.admin[command]?.body ?? '');
  if (fields === undefined || typeof fields.error === 'string') return undefined;
  const { command: _command, error: _error, ...rest } = fields;
  return rest;
}
