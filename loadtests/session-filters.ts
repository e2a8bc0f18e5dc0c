/** Every filter of the sessions list and every combination, and whether a page obeys it. */
import type { SessionPage } from './api-types.ts';
import { isName } from './is-name.ts';

export interface Filter {
  /** 'status=running model dates page': the name of its series. */
  readonly name: string;
  readonly query: Readonly<Record<string, string | number>>;
}

export interface FilterValues {
  readonly modelId: string;
  readonly startDate: string;
  readonly endDate: string;
}

export const statuses = ['running', 'completed', 'failed', 'cancelled'] as const;

/** 5 choices of status × model or none × a first day, a last one, both or none × a later page or the first. */
export const filterCount = 80;

export function everyFilter({ modelId, startDate, endDate }: FilterValues): readonly Filter[] {
  const parts: readonly (readonly Filter[])[] = [
    [none, ...statuses.map((status) => ({ name: `status=${status}`, query: { status } }))],
    [none, { name: 'model', query: { model_id: modelId } }],
    [
      none,
      { name: 'from', query: { start_date: startDate } },
      { name: 'to', query: { end_date: endDate } },
      { name: 'dates', query: { start_date: startDate, end_date: endDate } },
    ],
    [none, { name: 'page', query: { skip: 10, limit: 25 } }],
  ];
  const combined = parts.reduce<readonly Filter[]>(
    (before, part) =>
      before.flatMap((left) =>
        part.map((right) => ({
          name: [left.name, right.name].filter(Boolean).join(' '),
          query: { ...left.query, ...right.query },
        })),
      ),
    [none],
  );
  return combined.map(({ name, query }) => ({ name: name || 'no filter', query }));
}

const none: Filter = { name: '', query: {} };

/** The values of the filters are those of a session that there is, and there is one of every status. */
function mustFind({ status, model_id, start_date, end_date }: Filter['query']): boolean {
  return status === undefined || (model_id ?? start_date ?? end_date) === undefined;
}

export function obeys(page: SessionPage, { query }: Filter): boolean {
  const { status, model_id, start_date, end_date, skip = 0, limit = 50 } = query;
  const { sessions, total } = page;
  const times = sessions.map((session) => session.started_at);
  return (
    page.skip === skip &&
    page.limit === limit &&
    total >= (mustFind(query) ? 1 : 0) &&
    sessions.length === Math.max(0, Math.min(page.limit, total - page.skip)) &&
    sessions.every(
      (session) =>
        (status === undefined || session.status === status) &&
        (model_id === undefined || session.model_id === model_id) &&
        (start_date === undefined || session.started_at >= start_date) &&
        (end_date === undefined || session.started_at.slice(0, 10) <= end_date) &&
        isName(session.model_name),
    ) &&
    times.every((time, at) => at === 0 || time <= times[at - 1]!)
  );
}
