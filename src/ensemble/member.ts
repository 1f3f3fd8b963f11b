import type { HostPort } from '../client/connect-string.ts';

/** Where a member takes clients; with `tls`, on a secure port. */
export interface ClientTarget extends HostPort {
  tls: boolean;
}

/** Where an AdminServer may be. */
export interface AdminAddress {
  /** Of its commands: `http://host:8080/commands`. */
  url: string;
  /** Named for this very member: whoever answers there is believed to be it. */
  certain: boolean;
}

/** The id of a member, or where it has none its address. */
export function shortName({ id, host }: { readonly id: bigint | undefined; readonly host: string }): string {
  return id === undefined ? host : `${id}`;
}

/** A member to be asked: what is known of it before anybody was. */
export interface Member {
  /** Its id in the committed configuration or in `--members`. */
  id: bigint | undefined;
  /** `host:port` as it is named; the host alone where no client port is known. */
  name: string;
  /** Every address at which it may answer */
  targets: readonly ClientTarget[];
  admin: readonly AdminAddress[];
  /** Its part in the committed configuration; undefined when it is not in it, or that is not known. */
  configured: 'participant' | 'observer' | undefined;
}
