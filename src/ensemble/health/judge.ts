import { UsageError } from '../../protocol/errors.ts';
import type { EnsembleStatus } from '../ensemble-status.ts';
import {
  type Check,
  type HealthView,
  type Hit,
  type Judgement,
  SEVERITIES,
  type Severity,
  type Unjudged,
  unjudged,
} from './check.ts';
import { CERTIFICATE_CHECKS } from './checks/certificates.ts';
import { EXPOSURE_CHECKS } from './checks/exposure.ts';
import { LOAD_CHECKS } from './checks/load.ts';
import { MEMBERSHIP_CHECKS } from './checks/membership.ts';
import { PROOF_CHECKS } from './checks/proof.ts';
import { QUORUM_CHECKS } from './checks/quorum.ts';
import { REPLICATION_CHECKS } from './checks/replication.ts';
import { RESOURCE_CHECKS } from './checks/resources.ts';
import { STORAGE_CHECKS } from './checks/storage.ts';
import { TIME_CHECKS } from './checks/time.ts';
import { USUAL_CHECKS } from './checks/usual.ts';

/** Every check, in the order in which what they find is told. */
export const CHECKS: readonly Check[] = [
  ...QUORUM_CHECKS,
  ...MEMBERSHIP_CHECKS,
  ...REPLICATION_CHECKS,
  ...LOAD_CHECKS,
  ...RESOURCE_CHECKS,
  ...STORAGE_CHECKS,
  ...TIME_CHECKS,
  ...CERTIFICATE_CHECKS,
  ...EXPOSURE_CHECKS,
  ...PROOF_CHECKS,
  ...USUAL_CHECKS,
];

/** Something that is not as it should be. */
export interface Finding extends Hit {
  check: Check;
  severity: Severity;
  todo: string;
}

/** What nobody may take for passed. */
export interface NotJudged extends Unjudged {
  check: Check;
}

/** The health of an ensemble at one moment. */
export interface Health {
  status: EnsembleStatus;
  /**
   * `unhealthy` with a critical finding or a warning; `unknown` where there is none and a vital check could not judge;
   * advice alone is healthy.
   */
  verdict: 'healthy' | 'unhealthy' | 'unknown';
  /** The worst first. */
  findings: readonly Finding[];
  notJudged: readonly NotJudged[];
  passed: readonly Check[];
  skipped: readonly { check: Check; reason: string }[];
}

/** Lets every check judge, but those of the codes ignored. */
export function judgeHealth(view: HealthView, ignored: readonly string[] = []): Health {
  const silent = view.status.members.every(({ role }) => role === 'unreachable');
  const judged = CHECKS.filter(({ code }) => !ignored.includes(code)).map((check) => ({
    check,
    judgement: silent ? asSilent(check.judge(view)) : check.judge(view),
  }));
  const findings = judged
    .flatMap(({ check, judgement }) => ('hits' in judgement ? judgement.hits.map((hit) => findingOf(check, hit)) : []))
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  const notJudged = judged.flatMap(({ check, judgement }) =>
    'unjudged' in judgement ? judgement.unjudged.map((one) => ({ ...one, check })) : [],
  );
  return {
    status: view.status,
    verdict: verdictOf(findings, notJudged),
    findings,
    notJudged,
    passed: judged.flatMap(({ check, judgement }) =>
      'hits' in judgement && judgement.hits.length + judgement.unjudged.length === 0 ? [check] : [],
    ),
    skipped: judged.flatMap(({ check, judgement }) =>
      'skipped' in judgement ? [{ check, reason: judgement.skipped }] : [],
    ),
  };
}

/** The check of that code. @throws UsageError `NO_CHECK` */
export function findCheck(
  code: string,
  nearest: (typed: string, names: readonly string[]) => readonly string[],
): Check {
  const check = CHECKS.find((one) => one.code === code);
  if (check !== undefined) return check;
  const near = nearest(
    code,
    CHECKS.map((one) => one.code),
  );
  throw new UsageError(`there is no check ${JSON.stringify(code)}`, {
    code: 'NO_CHECK',
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'zksh health --checks lists them.',
  });
}

/** Where nobody answers, nothing found is no proof of anything. */
function asSilent(judgement: Judgement): Judgement {
  return 'hits' in judgement && judgement.hits.length > 0 ? judgement : unjudged('no member answers');
}

function findingOf(check: Check, hit: Hit): Finding {
  return { ...hit, check, severity: hit.severity ?? check.severity, todo: hit.todo ?? check.todo };
}

function verdictOf(findings: readonly Finding[], notJudged: readonly NotJudged[]): Health['verdict'] {
  if (findings.some(({ severity }) => severity !== 'advice')) return 'unhealthy';
  return notJudged.some(({ check }) => check.vital === true) ? 'unknown' : 'healthy';
}
