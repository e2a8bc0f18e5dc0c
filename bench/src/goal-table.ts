/** What was measured against what it must reach, in Markdown. Pure. */
import { formatLimit, formatValue, judge, type Outcome, type Row } from './goal.ts';
import { markdownTable } from './markdown-table.ts';

export function goalTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => {
    const { measure, goal, unit } = row;
    const limits = [formatLimit(goal.must, unit, goal), formatLimit(goal.aim, unit, goal)];
    if ('missing' in row) return [measure, '—', limits[0]!, '**not measured**', limits[1]!, '', row.missing];
    const verdict = judge(row.value, goal);
    const value = formatValue(row.value, unit);
    return [measure, value, limits[0]!, shown(verdict.must), limits[1]!, verdict.aim ?? '', row.note];
  });
  return markdownTable(['measure', 'measured', 'must', 'met?', 'aim', 'met?', 'more'], lines);
}

/** '12 of 15 musts are met.' */
export function countOutcomes(rows: readonly Row[]): string {
  const met = rows.filter((row) => 'value' in row && judge(row.value, row.goal).must === 'met').length;
  return `${met} of ${rows.length} musts are met.`;
}

function shown(outcome: Outcome): string {
  return outcome === 'met' ? outcome : `**${outcome}**`;
}
