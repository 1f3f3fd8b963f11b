import { describe, expect, it } from 'vitest';
import { promptText } from '../../src/shell/prompt.ts';

describe('the prompt', () => {
  const parts = { context: 'prod', servers: 'a:2181', state: 'connected', cwd: '/brokers' } as const;

  it('shows context, connection and path', () => {
    expect(promptText(parts)).toBe('prod (connected) /brokers> ');
  });

  it('shows the first server where there is no context', () => {
    expect(promptText({ ...parts, context: undefined })).toBe('a:2181 (connected) /brokers> ');
    expect(promptText({ ...parts, context: undefined, servers: 'a:1,b:2,c:3/app', state: 'reconnecting' })).toBe(
      'a:1,…/app (reconnecting) /brokers> ',
    );
  });

  it('colours each part by its meaning', () => {
    expect(promptText({ ...parts, state: 'refused' }, (role, text) => `<${role}:${text}>`)).toBe(
      '<name:prod> (<bad:refused>) <path:/brokers>> ',
    );
  });

  it('never lets the name of a znode drive the terminal', () => {
    expect(promptText({ ...parts, cwd: '/a\x1b[2J\nb' })).toBe('prod (connected) /a\\x1b[2J\\nb> ');
  });
});
