/** A vulnerability of servers, and the first release of each branch that is without it. */
interface Advisory {
  readonly id: string;
  readonly about: string;
  /** `[minor, patch]` of 3.x; every branch before the first of them has it. */
  readonly mended: readonly (readonly [minor: number, patch: number])[];
  /** The branch it came with. */
  readonly since?: number | undefined;
}

/** From ZooKeeper's page of security reports. */
const ADVISORIES: readonly Advisory[] = [
  {
    id: 'CVE-2017-5637',
    about: 'wchp and wchc stall the server for whoever reaches the client port',
    mended: [
      [4, 10],
      [5, 3],
    ],
  },
  {
    id: 'CVE-2018-8012',
    about: 'whoever reaches the quorum port joins the ensemble',
    mended: [
      [4, 10],
      [5, 4],
    ],
  },
  {
    id: 'CVE-2019-0201',
    about: 'getACL shows password hashes to everybody',
    mended: [
      [4, 14],
      [5, 5],
    ],
  },
  {
    id: 'CVE-2023-44981',
    about: 'SASL between members can be bypassed',
    mended: [
      [7, 2],
      [8, 3],
      [9, 1],
    ],
  },
  {
    id: 'CVE-2024-23944',
    about: 'persistent watches tell paths their owner may not read',
    since: 6,
    mended: [
      [8, 4],
      [9, 2],
    ],
  },
  { id: 'CVE-2024-51504', about: 'the AdminServer believes X-Forwarded-For', since: 9, mended: [[9, 3]] },
  {
    id: 'CVE-2025-58457',
    about: 'AdminServer snapshot and restore with too few permissions',
    since: 9,
    mended: [[9, 4]],
  },
  {
    id: 'CVE-2026-24281',
    about: 'host names of certificates verified by reverse DNS',
    since: 8,
    mended: [
      [8, 6],
      [9, 5],
    ],
  },
];

/** The first branch of 3.x that is still maintained. */
const OLDEST_MAINTAINED = 8;

/** What a version suggests; empty for one that cannot be read. */
export function advisoriesOf(version: string): readonly Advisory[] {
  const release = minorAndPatch(version);
  return release === undefined ? [] : ADVISORIES.filter((advisory) => has(advisory, ...release));
}

export function isEndOfLife(version: string): boolean {
  const release = minorAndPatch(version);
  return release !== undefined && release[0] < OLDEST_MAINTAINED;
}

function has({ mended, since = 0 }: Advisory, minor: number, patch: number): boolean {
  if (minor < since) return false;
  const own = mended.find(([branch]) => branch === minor);
  if (own !== undefined) return patch < own[1];
  return mended.some(([branch]) => branch > minor);
}

function minorAndPatch(version: string): [number, number] | undefined {
  const [, minor, patch] = /^3\.(\d{1,3})\.(\d{1,4})/.exec(version) ?? [];
  return minor === undefined ? undefined : [Number(minor), Number(patch)];
}
