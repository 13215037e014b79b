import type { Trend } from "../api";
import { count, period, share, times } from "../words";

/** A theme's share over time: the judged recent periods in the accent, incomplete ones hollow. */
export function Curve({ trend, tall }: { trend: Trend; tall?: boolean }) {
  const width = tall ? Math.min(640, innerWidth - 32) : 220, height = tall ? 180 : 56, foot = tall ? 22 : 2, head = tall ? 20 : 4;
  const values = trend.shares.map((value) => value ?? 0);
  const most = Math.max(...values, 1e-9);
  const n = values.length;
  const x = (i: number) => 3 + (i * (width - 6)) / Math.max(1, n - 1);
  const y = (value: number) => head + (1 - value / most) * (height - head - foot);
  const past = values.filter((_, i) => trend.parts[i] === "past");
  const recent = trend.parts.indexOf("recent");
  const line = (from: number, to: number) =>
    values.slice(from, to).map((value, i) => `${i ? "L" : "M"}${x(from + i).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  const last = trend.parts.lastIndexOf("recent");
  const usual = past.length ? past.reduce((sum, value) => sum + value, 0) / past.length : null;
  const ends = `${period(trend.periods[0] ?? "")}: ${share(values[0] ?? 0)}; ${period(trend.periods[Math.max(last, 0)] ?? "")}: ${share(values[Math.max(last, 0)] ?? 0)}`;
  return (
    <svg class={tall ? "curve tall" : "curve"} viewBox={`0 0 ${width} ${height}`} role="img"
      aria-label={`Share of ${trend.measure} by period. ${ends}`}>
      {tall && <line class="axis" x1="0" x2={width} y1={y(0)} y2={y(0)} />}
      {recent >= 0 && <rect class="now" x={x(recent) - 3} y="0" width={Math.max(6, x(Math.max(last, recent)) - x(recent) + 6)} height={height - foot} />}
      {usual !== null && <line class="usual" x1="0" x2={width} y1={y(usual)} y2={y(usual)} />}
      <path class="past" d={line(0, recent >= 0 ? recent + 1 : n)} />
      {recent >= 0 && <path class="recent" d={line(recent, Math.max(last, recent) + 1)} />}
      {recent >= 0 && <circle class="end" cx={x(Math.max(last, recent))} cy={y(values[Math.max(last, recent)]!)} r={tall ? 4 : 3} />}
      {tall && values.map((value, i) => (
        <circle key={i} class={trend.parts[i] === "incomplete" ? "dot hollow" : "dot"} cx={x(i)} cy={y(value)} r="2.500">
          <title>{`${period(trend.periods[i]!)}: ${share(value)} (${count(Math.round(trend.amounts[i] ?? 0))})`}</title>
        </circle>
      ))}
      {tall && <text x="0" y={height - 5}>{period(trend.periods[0]!)}</text>}
      {tall && <text x={width} y={height - 5} text-anchor="end">{period(trend.periods[n - 1]!)}</text>}
      {tall && <text x="0" y="10">{share(most)}</text>}
      {tall && usual !== null && <text x={width} y={y(usual) + (values[Math.max(last, 0)]! > usual ? 13 : -4)} text-anchor="end">usual {share(usual)}</text>}
    </svg>
  );
}

/** Which periods are judged against which, and which is shown but not judged, in words. */
export function judged(trend: Trend): string {
  const named = (part: string) => trend.periods.filter((_, i) => trend.parts[i] === part);
  const recent = named("recent"), past = named("past"), open = named("incomplete").map(period);
  if (!recent.length || !past.length) return "";
  const span = (all: string[]) => [...new Set([period(all[0]!), period(all[all.length - 1]!)])].join(" to ");
  const left = open.length ? ` ${open.join(", ")} is not over yet and is left out.` : "";
  return `${span(recent)} against ${span(past)}.${left}`;
}

/** What a curve says, in one sentence with its interval. */
export function lift(trend: Trend): string {
  const of = trend.measure === "audience" ? "the audience" : "new titles";
  if (trend.lift === null) return `Its share of ${of} cannot be compared with an earlier one.`;
  const range = trend.low !== null && trend.high !== null ? ` (95 %: ${times(trend.low)} to ${times(trend.high)})` : "";
  const alone = trend.low !== null && trend.high !== null && (trend.low > 1 || trend.high < 1);
  const doubt = trend.status !== "steady" ? "" : alone ? " Among so many curves, this is within chance." : " This is within chance.";
  return `${times(trend.lift)} times its earlier share of ${of}${range}.${doubt}`;
}
