import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { mavenIsThere } from '../../src/local/maven.ts';
import { copyTree } from '../../src/znodes/copy.ts';
import { planCopy } from '../../src/znodes/copy-plan.ts';
import { deleteTree, planDeletion } from '../../src/znodes/delete-tree.ts';
import { moveTree, planMove } from '../../src/znodes/move.ts';
import { setAclTree } from '../../src/znodes/set-acl-tree.ts';
import { sharedRelease } from '../support/ensembles.ts';
import { picture, plantAll } from '../support/picture.ts';

const COPY = { recursive: true, acl: true, ephemerals: 'skip', existing: 'refuse', parents: false } as const;
const OPEN = [{ scheme: 'world', id: 'anyone', perms: 31 }];
const maven = await mavenIsThere();

describe.skipIf(!maven)('trees on a server without multiRead', () => {
  it.each(['3.5.10', '3.4.14'])(
    'of %s are copied, moved and deleted as on any other',
    { timeout: 240_000 },
    async (release) => {
      const outside = await connect((await sharedRelease(release)).connectString);
      await outside.create('/trees');
      const client = await connect(`${outside.servers}/trees`);
      const planted = await plantAll(client, '/from', release.startsWith('3.4') ? '3.4' : 'since 3.5');
      const before = await picture(client, '/from');
      const [from, copy] = [
        { client, path: '/from' },
        { client, path: '/copy' },
      ];
      expect(await copyTree(await planCopy(from, copy, COPY), COPY)).toEqual({ written: planted, already: 0 });
      expect(await picture(client, '/copy')).toEqual(before);
      const move = { ...COPY, ephemerals: 'refuse' } as const;
      const moved = { moved: planted, kept: 0, atomic: false };
      expect(await moveTree(client, await planMove(client, '/from', '/to', move), move)).toEqual(moved);
      expect(await picture(client, '/to')).toEqual(before);
      expect(await setAclTree(client, '/to', OPEN)).toBe(planted);
      const single = { moved: 1, kept: 0, atomic: true };
      expect(await moveTree(client, await planMove(client, '/to/ttl', '/ttl', move), move)).toEqual(single);
      expect(await deleteTree(client, await planDeletion(client, '/to'))).toBe(planted - 1);
      expect(await deleteTree(client, { root: '/copy' })).toBe(planted);
      expect((await client.getChildren('/')).children).toEqual(['ttl']);
      await client.close();
      await outside.close();
    },
  );
});
