import { changed, link, type Address } from "../address";
import type { Comparison, Explanation, Profile } from "../api";
import { useAnswer } from "../api";
import { Cover } from "../parts/Cover";
import { Icon } from "../parts/Icon";
import { Parts, PartsLegend } from "../parts/Parts";
import { Empty, Shown, Skeleton } from "../parts/States";
import { pins } from "../pins";
import { shorten, spaceName } from "../words";

const EVIDENCE = 8; // terms shown for a pair
const ROLES: Record<string, string> = { genres: "Genres", keywords: "Keywords", people: "People", country: "Country", language: "Language", kind: "Kind", released: "Released", theme: "Themes", word: "Words", description: "Description" };
const QUIET = new Set(["cohort"]);

function Values({ dossier }: { dossier: Comparison }) {
  const roles = [...new Set(dossier.items.flatMap((item) => Object.keys(item.values)))];
  const shared = new Set(dossier.traits.map((trait) => `${trait.role} ${trait.text}`));
  const row = (role: string, values: (item: Profile) => string[]) => (
    <tr key={role}>
      <th scope="row">{ROLES[role] ?? role}</th>
      {dossier.items.map((item) => (
        <td key={item.id}>
          {values(item).length === 0 ? <span class="none">–</span> : (
            <ul>{values(item).map((value) => (
              <li key={value} dir="auto" class={shared.has(`${role} ${value}`) ? "shared" : undefined}>{value}
                {shared.has(`${role} ${value}`) && <span class="visually-hidden"> (shared)</span>}</li>
            ))}</ul>
          )}
        </td>
      ))}
    </tr>
  );
  return (
    <tbody>
      {row("theme", (item) => [...item.themes])}
      {roles.map((role) => row(role, (item) => item.values[role] ?? []))}
      {row("word", (item) => dossier.traits.filter((trait) => trait.role === "word" && trait.items.includes(item.id)).map((trait) => trait.text))}
      <tr>
        <th scope="row">Only here</th>
        {dossier.items.map((item) => <td key={item.id}><ul>{item.apart.map((each) => <li key={each} class="apart" dir="auto">{each}</li>)}</ul></td>)}
      </tr>
    </tbody>
  );
}

function Pair({ pair }: { pair: Explanation }) {
  const told = pair.evidence.map((each) => ({ ...each, amount: each.amount ?? 0 }))
    .filter((each) => !QUIET.has(each.kind) && each.amount > 0.005).slice(0, EVIDENCE);
  const most = Math.max(...told.map((each) => each.amount), 1e-9);
  return (
    <article class="pair">
      <h3><bdi>{shorten(pair.titles[0], 60)}</bdi> <span aria-hidden="true">↔</span><span class="visually-hidden">and</span> <bdi>{shorten(pair.titles[1], 60)}</bdi></h3>
      {pair.score === null ? <p class="meta">These two cannot be compared.</p> : <Parts parts={pair.parts} percentile={pair.percentile} />}
      <div class="two">
        <div>
          <h4>What brings them together</h4>
          {told.length === 0 && <p class="meta">No single word or value.</p>}
          <ul class="evidence">
            {told.map((each, i) => (
              <li key={i}>
                <span dir="auto">{shorten(each.text, 160)}<small>{ROLES[each.role] ?? spaceName(each.space)}</small></span>
                <span class="meter" aria-hidden="true"><i class={`space-${each.space}`} style={{ width: `${(100 * each.amount) / most}%` }} /></span>
                <span class="number">{each.amount.toFixed(2)}</span>
              </li>
            ))}
          </ul>
        </div>
        <div>
          <h4>What sets them apart</h4>
          {pair.differences.length === 0 && <p class="meta">No single word or value.</p>}
          <ul class="differences">
            {pair.differences.slice(0, EVIDENCE).map((each, i) => (
              <li key={i} dir="auto">{shorten(each.text, 160)}
                <small>{each.item === pair.a ? "only " + shorten(pair.titles[0], 30) : each.item === pair.b ? "only " + shorten(pair.titles[1], 30) : "between them"}</small></li>
            ))}
          </ul>
        </div>
      </div>
    </article>
  );
}

export function Compare({ at }: { at: Address }) {
  const ids = [...new Set(at.getAll("id"))];
  const enough = ids.length >= 2;
  const answer = useAnswer<Comparison>(enough ? `/v1/compare?${ids.map((id) => `ids=${encodeURIComponent(id)}`).join("&")}${at.has("sentences") ? "&sentences=true" : ""}` : null);
  const others = pins().filter((pin) => !ids.includes(pin.id));
  return (
    <>
      <h1 tabIndex={-1}>Side by side</h1>
      {!enough && (
        <Empty title="Pin two titles to compare them">
          <p>Every title has a pin. This page then shows what they share and where they differ.</p>
          <a class="button" href={link("find")}>Find titles</a>
        </Empty>
      )}
      {others.length > 0 && (
        <ul class="chips" aria-label="Pinned titles">
          {others.map((pin) => <li key={pin.id}><a class="chip" href={changed(at, { id: [...ids, pin.id] })}><Icon name="more" /><bdi>{pin.title}</bdi></a></li>)}
        </ul>
      )}
      {enough && (
        <Shown answer={answer} loading={<Skeleton count={ids.length} />}>
          {(dossier) => (
            <>
              <div class="scroll" tabIndex={0} role="region" aria-label="Titles side by side">
                <table class="beside">
                  <thead>
                    <tr>
                      <td><span class="visually-hidden">What</span></td>
                      {dossier.items.map((item) => (
                          <th scope="col" key={item.id}>
                            <a href={link("item", { id: item.id })} tabIndex={-1} aria-hidden="true"><Cover card={item.card} /></a>
                            <a href={link("item", { id: item.id })} dir="auto">{item.title}</a>
                            <span class="meta">{item.year}</span>
                            {ids.length > 2 && (
                              <a class="button plain" href={changed(at, { id: ids.filter((id) => id !== item.id) })} aria-label={`Remove ${item.title}`}><Icon name="close" /></a>
                            )}
                          </th>
                      ))}
                    </tr>
                  </thead>
                  <Values dossier={dossier} />
                </table>
              </div>
              <section>
                <div class="bar"><h2>How close, and why</h2><PartsLegend spaces={Object.keys(dossier.pairs[0]?.parts ?? {})} />
                  <a class="button" href={changed(at, { sentences: at.has("sentences") ? null : 1 })} aria-current={at.has("sentences") ? "true" : undefined}>Sentence by sentence</a></div>
                {dossier.pairs.map((pair) => <Pair key={pair.a + " " + pair.b} pair={pair} />)}
              </section>
            </>
          )}
        </Shown>
      )}
    </>
  );
}
