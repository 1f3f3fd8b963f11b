import { describe, expect, it } from 'vitest';
import {
  chooseClient,
  formatClientAddress,
  isChosen,
  parseClientAddress,
} from '../../../src/ensemble/sessions/client-address.ts';

describe('the address of a client', () => {
  it.each([
    ['/127.0.0.1:58806', '127.0.0.1:58806'],
    ['app-7.internal/10.0.0.7:4711', '10.0.0.7:4711'],
    ['10.0.0.7:4711', '10.0.0.7:4711'],
    ['app-7.internal:4711', 'app-7.internal:4711'],
    // Java 14 on, and before.
    ['/[0:0:0:0:0:0:0:1]:4711', '[::1]:4711'],
    ['/0:0:0:0:0:0:0:1:4711', '[::1]:4711'],
    ['/[fe80:0:0:0:1:2:3:4%eth0]:4711', '[fe80::1:2:3:4%eth0]:4711'],
    ['/fe80:0:0:0:1:2:3:4%2:4711', '[fe80::1:2:3:4%2]:4711'],
    // Jackson's, of the AdminServer.
    ['[0:0:0:0:0:0:0:1]:4711', '[::1]:4711'],
    ['/[2001:DB8:0:0:0:0:0:7]:4711', '[2001:db8::7]:4711'],
    ['gone.example/<unresolved>:4711', 'gone.example:4711'],
  ])('%s is %s', (text, address) => {
    const parsed = parseClientAddress(text);
    expect(parsed && formatClientAddress(parsed)).toBe(address);
  });

  it.each(['null', '', ':', '/:1', '/10.0.0.7', '/10.0.0.7:', '/10.0.0.7:65536', 'a:b'])('"%s" is none', (text) => {
    expect(parseClientAddress(text)).toBeUndefined();
  });

  it('is asked for with a port, without, in any spelling, and by a name', async () => {
    const is = async (wanted: string, text: string) => isChosen(parseClientAddress(text)!, await chooseClient(wanted));
    expect(await is('10.0.0.7', '/10.0.0.7:1')).toBe(true);
    expect(await is('10.0.0.7:1', '/10.0.0.7:1')).toBe(true);
    expect(await is('10.0.0.7:2', '/10.0.0.7:1')).toBe(false);
    expect(await is('10.0.0.70', '/10.0.0.7:1')).toBe(false);
    expect(await is('::1', '/0:0:0:0:0:0:0:1:9')).toBe(true);
    expect(await is('[0:0::1]:9', '/[0:0:0:0:0:0:0:1]:9')).toBe(true);
    expect(await is('fe80::1', '/[fe80:0:0:0:0:0:0:1%eth0]:9')).toBe(true);
    expect(await is('fe80::1%eth1', '/[fe80:0:0:0:0:0:0:1%eth0]:9')).toBe(false);
    expect(await is('localhost', '/127.0.0.1:9')).toBe(true);
  });
});
