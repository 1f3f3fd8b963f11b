import { describe } from 'vitest';
import { mavenIsThere } from '../../src/local/maven.ts';
import { reads } from './operations/reads.ts';
import { sessions } from './operations/sessions.ts';
import { release, SETTINGS, type Setting, useStage } from './operations/setting.ts';
import { watches } from './operations/watches.ts';
import { writes } from './operations/writes.ts';

/** The newest of each line that people run. */
const RELEASES = ['3.5.10', '3.6.4', '3.7.2', '3.8.6', '3.9.5'];
const maven = await mavenIsThere();

function every(setting: Setting): void {
  const stage = useStage(setting);
  describe('writing', () => writes(stage));
  describe('reading', () => reads(stage, setting));
  describe('watching', () => watches(stage));
  describe('the session', () => sessions(stage));
}

for (const setting of SETTINGS) describe(`the client on ${setting.name}`, () => every(setting));

for (const setting of RELEASES.map(release)) {
  const without = maven ? '' : ' (skipped: there is no mvn here to fetch it)';
  describe.runIf(maven)(`the client on ${setting.name}${without}`, () => every(setting));
}
