import { escaped } from '../api/printable.ts';
import type { Application } from './application.ts';
import { type ApplyOptions, applyFields, foreignApplier, refusalOf } from './apply.ts';
import { arrivalResult } from './arrival.ts';
import { confirm } from './confirm.ts';
import { EXIT, explain, Failure } from './failure.ts';
import { awaitGoals } from './goals/await.ts';
import type { Goal } from './goals/goal.ts';
import type { Field } from './ownership.ts';
import type { Plan } from './plans/plan.ts';
import type { OutputFormat } from './render/document.ts';
import { Report, type Result } from './render/results.ts';
import { type Selection, select } from './select.ts';
import type { Session } from './session.ts';
import type { Terminal } from './terminal.ts';

export interface ChangeOptions extends ApplyOptions {
  /** Consents beforehand. */
  readonly yes: boolean;
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly output: OutputFormat | undefined;
}

interface Change {
  readonly application: Application;
  readonly plan: Extract<Plan, { kind: 'change' }>;
}

interface Request {
  readonly name: string;
  readonly goal: Goal;
  readonly fields: readonly Field[];
}

/**
 * Carries out a plan for each application that is selected: tells what will happen, asks for consent
 * where it cannot be undone, sets the fields, waits. One that fails does not stop the others.
 */
export async function change(
  session: Session,
  terminal: Terminal,
  selection: Selection,
  options: ChangeOptions,
  planFor: (application: Application, now: number) => Plan,
): Promise<number> {
  const report = new Report(terminal, options.output);
  const requests: Request[] = [];
  const changes: Change[] = [];
  for (const application of await select(session, selection)) {
    const { name } = application.metadata;
    const plan = planFor(application, session.now());
    if (plan.kind === 'nothing') {
      report.add({ name, outcome: 'NothingToDo', message: plan.message });
    } else if (plan.kind === 'refused') {
      report.add({ name, outcome: 'Refused', message: plan.message });
    } else if (plan.kind === 'underway') {
      if (options.wait) requests.push({ name, goal: plan.goal, fields: [] });
      else report.add({ name, outcome: 'Underway', message: plan.message });
    } else {
      const refusal = options.forceConflicts ? undefined : refusalOf(application, plan.fields);
      if (refusal === undefined) changes.push({ application, plan });
      else report.add(failed(name, refusal));
    }
  }
  for (const each of changes) tell(terminal, each);
  const irreversible = changes.some(({ plan }) => plan.irreversible);
  if (irreversible && !options.yes && !options.dryRun) await confirm(terminal);

  for (const each of changes) {
    const result = await carryOut(session, each, options);
    const { goal, fields } = each.plan;
    if (result.outcome === 'Requested' && options.wait) {
      requests.push({ name: result.name, goal, fields });
    } else report.add(result);
  }
  await awaitRequests(session, requests, options.timeoutMs, report);
  return report.end();
}

async function carryOut(
  session: Session,
  { application, plan: { fields } }: Change,
  options: ChangeOptions,
): Promise<Result> {
  const { name } = application.metadata;
  try {
    await applyFields(session, application, fields, options);
    const message = `${sentence(fields)}${options.dryRun ? ' (server dry run)' : ''}.`;
    return { name, outcome: 'Requested', message, fields };
  } catch (error) {
    return failed(name, error);
  }
}

async function awaitRequests(
  session: Session,
  requests: readonly Request[],
  timeoutMs: number,
  report: Report,
): Promise<void> {
  const open = new Map(requests.map((request) => [request.name, request.fields]));
  try {
    await awaitGoals(session, requests, timeoutMs, (arrival) => {
      const fields = open.get(arrival.name) ?? [];
      open.delete(arrival.name);
      report.add({ ...arrivalResult(arrival), fields });
    });
  } catch (error) {
    // What was set stays set, and must be told of.
    for (const [name, fields] of open) {
      const message = `${sentence(fields)}, but it cannot be waited for: ${explain(error)}`;
      report.add({ name, outcome: 'Failed', message, fields });
    }
  }
}

/** Tells on standard error what is going to happen, as far as one should think about it first. */
function tell(terminal: Terminal, { application, plan }: Change): void {
  const { name, namespace } = application.metadata;
  const { paint } = terminal;
  const foreign = foreignApplier(application, plan.fields);
  const warnings =
    foreign === undefined
      ? plan.warnings
      : [
          ...plan.warnings,
          `field manager ${JSON.stringify(foreign.manager)} applies ${foreign.path} and may set it back.`,
        ];
  if (plan.irreversible) {
    const title = paint('bold', `${name} (namespace ${namespace})`);
    terminal.err([title, ...plan.consequences.map(escaped)].join('\n  ').concat('\n'));
  }
  for (const warning of warnings) {
    terminal.err(`${paint('yellow', 'warning:')} ${name}: ${escaped(warning)}\n`);
  }
}

function sentence(fields: readonly Field[]): string {
  if (fields.length === 0) return 'asked for before';
  return fields.map(({ path, value }) => `spec.${path.join('.')} set to ${value}`).join(', ');
}

function failed(name: string, error: unknown): Result {
  if (!(error instanceof Failure)) return { name, outcome: 'Failed', message: explain(error) };
  const outcome = error.exitCode === EXIT.appliedElsewhere ? 'AppliedElsewhere' : 'Failed';
  return { name, outcome, message: error.message };
}
