import { ownLine, type Setting, serversOf, settingOf } from '../member.ts';
import { guide } from '../parameters/parameter.ts';
import { hitAt, type Rule, type Subject, when } from './rule.ts';

/** Rules about who listens where. */
export const PORT_RULES: readonly Rule[] = [
  {
    id: 'duplicate-address',
    severity: 'error',
    summary: 'two members at one address',
    why: 'Two servers cannot listen on one port: one of them never starts, or the ensemble takes one for the other.',
    reference: guide('cluster'),
    check: (subject) =>
      portUses(subject).flatMap(({ at, id, place, what }, index, all) => {
        const other = all.slice(0, index).find((one) => one.place === place && one.id !== id);
        if (other === undefined) return [];
        return [
          {
            at,
            message: `${place} is the ${what} port of server.${id} and the ${other.what} port of server.${other.id}`,
          },
        ];
      }),
  },
  {
    id: 'port-clash',
    severity: 'error',
    summary: 'one port for two purposes of a server',
    why: 'The second to listen finds the port taken, and the server does not start, or goes without it.',
    reference: guide('min'),
    check: (subject) =>
      ownPorts(subject).flatMap(({ key, port }, index, all) => {
        const other = all.slice(0, index).find((one) => one.port === port);
        return when(other !== undefined, () => hitAt(subject, key, `${key} and ${other?.key} are both ${port}`));
      }),
  },
];

/** Every port of every member, by the host it is on. */
function portUses({ member }: Subject): { at: Setting; id: bigint; place: string; what: string }[] {
  return serversOf(member).flatMap((one) => {
    if (!('server' in one)) return [];
    const { id, addresses, client } = one.server;
    const use = (host: string, port: number, what: string) => ({ at: one.setting, id, place: `${host}:${port}`, what });
    return addresses.flatMap(({ host, quorumPort, electionPort }) => [
      use(host, quorumPort, 'quorum'),
      use(host, electionPort, 'election'),
      ...(client === undefined ? [] : [use(host, client.port, 'client')]),
    ]);
  });
}

/** The ports that one server listens on. */
function ownPorts(subject: Subject): { key: string; port: number }[] {
  const { member } = subject;
  const set = ['clientPort', 'secureClientPort', 'observerMasterPort', 'admin.serverPort', 'metricsProvider.httpPort'];
  const named = set.flatMap((key) => {
    const value = settingOf(member, key)?.value ?? '';
    return /^[1-9]\d{0,4}$/.test(value) ? [{ key, port: Number(value) }] : [];
  });
  const [address] = ownLine(member)?.addresses ?? [];
  if (address === undefined) return named;
  return [
    { key: 'its quorum port', port: address.quorumPort },
    { key: 'its election port', port: address.electionPort },
    ...named,
  ];
}
