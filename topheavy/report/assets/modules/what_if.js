// The effect of a change, computed from sums, the leading entities and the spectrum: exact, or not
// shown. This module does not touch the page, so that the tests can compare each number with SQL.
//
// A world is { count, total, squares, named: [[place, value]], tail, extra, rest, spread, taken }:
// the sums of all entities above zero, the largest of them by name, the largest value among the
// others, and values without a name. If the page contains the spectrum of the period, it is `rest`,
// and `taken` has the values in it that are named or changed. Otherwise `spread` says how many of
// the others have how much, and `taken` has the changed values among the others. One of the
// others has `reached`, if that is known.
import { indexOfSpectrum, largestSum, spectrumOf } from "./spectrum.js";
import { giniBetween, spreadWithout } from "./spread.js";

// The world of one dimension, measure and period from the indices, the leading entities, and the
// values that rank below them.
export function worldOf(index, leaders, { next = [], spread = null, rest = null, slots = 0 } = {}) {
  const named = leaders.filter(([, value]) => value > 0);
  const { entity_count: count, total_value: total, hhi } = index;
  const known = [...named.map(([, value]) => value), ...next];
  const sum = known.reduce((all, value) => all + value, 0);
  // Calendar slots count even if they are empty, so the known ones may be all there are.
  const isWhole = known.length >= count || Math.abs(sum - total) <= 1e-9 * Math.abs(total);
  const tail = isWhole ? 0 : known.at(-1) ?? Infinity;
  const world = { count, total, squares: (hhi ?? 0) * total * total, named, tail, extra: next, slots };
  if (rest) return withRest(world, rest);
  return spread && !isWhole ? { ...world, spread: spreadWithout(spread, known, index), taken: [] } : world;
}

// The same world with the spectrum of all its values.
export const withRest = (world, rest) =>
  rest && world.tail > 0
    ? { ...world, total: rest.sum / rest.unit, squares: rest.squares / rest.unit ** 2, rest, taken: [...world.named.map(([, value]) => value), ...world.extra] }
    : world;

// A world in which all values are known. Calendar slots count even if they are empty.
export function worldOfAll(values, slots = 0) {
  const named = [];
  let [total, squares] = [0, 0];
  values.forEach((value, place) => {
    // When everything is removed, the remainder is rounding in the last digit of a sum.
    if (value <= 1e-9) return;
    named.push([place, value]);
    total += value;
    squares += value * value;
  });
  return { count: Math.max(named.length, slots), total, squares, named, tail: 0, extra: [] };
}

// Adds an entity.
export function joined(world, added) {
  if (!world || !(added > 0)) return world;
  const { count, total, squares, extra } = world;
  return { ...world, count: count + 1, total: total + added, squares: squares + added * added, extra: [...extra, added] };
}

// Multiplies entities of the world's own dimension by factors, and adds an entity.
export function scaled(world, factors, added = 0, valueOf = () => null) {
  const values = new Map(world.named);
  let { count, total, squares } = world;
  const isUnknown = ([place, factor]) => factor !== 1 && !values.has(place) && world.tail > 0 && valueOf(place) === null;
  const unknown = [...factors].some(isUnknown);
  // An entity without a name can be one of the values that rank below the named ones.
  const most = unknown ? (world.named.at(-1)?.[1] ?? Infinity) : world.tail;
  let tail = most;
  const extra = unknown ? [] : [...(world.extra ?? [])];
  const taken = [...(world.taken ?? [])];
  const slack = { count: 0, total: 0, squares: 0 };
  for (const [place, factor] of factors) {
    const listed = values.has(place);
    const before = listed ? values.get(place) : tail > 0 ? valueOf(place) : 0;
    if (before === null) {
      // It is not among the largest, so it has at most the value of the last of these.
      if (factor === 1) continue;
      if (!Number.isFinite(most)) return null;
      const [moved, square] = [(factor - 1) * most, (factor * factor - 1) * most ** 2];
      [total, squares, count] = [total + Math.min(moved, 0), squares + Math.min(square, 0), count - (factor === 0)];
      slack.total += Math.abs(moved);
      slack.squares += Math.abs(square);
      slack.count += factor === 0;
      tail = Math.max(tail, factor * most);
      continue;
    }
    if (!(before > 0)) continue;
    const after = before * factor;
    total += after - before;
    squares += after * after - before * before;
    if (after === 0) count -= 1;
    // Without a name it is one of the values that rank below, or one of the others.
    const next = listed ? -1 : extra.findIndex((value) => Math.abs(value - before) <= 1e-9 * before);
    if (listed) values.set(place, after);
    else if (next >= 0) extra[next] = after;
    else {
      taken.push(before);
      extra.push(after);
    }
  }
  const isExact = !slack.total && !slack.count;
  count = Math.max(count, world.slots ?? 0);
  const next = unknown ? world.extra : [];
  const changed = { ...world, next, count, total, squares, tail, named: [...values], extra, taken, slack: isExact ? world.slack : slack };
  return joined(isExact ? withoutRemains(changed, world.total) : changed, added);
}

// If everything is removed, only the last digits of sums remain.
export const withoutRemains = (world, before) => (world && world.total < 1e-9 * before ? { ...world, total: 0, squares: 0 } : world);

// The values of the world in descending order.
export function ranked(world) {
  const values = [...world.named.map(([, value]) => value), ...(world.extra ?? [])];
  return values.filter((value) => value > 0).sort((one, other) => other - one);
}

// The largest of them, without sorting all.
function largest(world, count) {
  const found = [];
  const take = (value) => {
    if (!(value > 0) || (found.length === count && value <= found.at(-1))) return;
    let at = found.length;
    while (at > 0 && found[at - 1] < value) at -= 1;
    found.splice(at, 0, value);
    if (found.length > count) found.pop();
  };
  for (const [, value] of world.named) take(value);
  for (const value of world.extra ?? []) take(value);
  return found;
}

// The values that differ from the spectrum, in its unit, each with its weight.
function fewOf({ named, extra, taken, rest }) {
  const present = [...named.map(([, value]) => value), ...extra].filter((value) => value > 0);
  return [...present.map((value) => [value * rest.unit, 1]), ...taken.map((value) => [value * rest.unit, -1])];
}

// The sum of the k largest, or null if an unnamed entity could be among them.
export function top(world, count) {
  if (world.rest) return largestSum(world.rest, fewOf(world), count) / world.rest.unit;
  const values = largest(world, count);
  if (count === 1 && world.reached > (values[0] ?? 0)) values[0] = world.reached;
  const isWhole = world.tail <= 0;
  const known = Number.isNaN(world.count) ? Infinity : world.count;
  if (!isWhole && count < known && (values[count - 1] ?? 0) < world.tail) return null;
  if (!isWhole && values.length < Math.min(count, known)) return null;
  return values.reduce((sum, value) => sum + value, 0);
}

export function hhi(world) {
  return world.total > 0 ? world.squares / (world.total * world.total) : null;
}

const SHARES = { entity_share: 1, cr1: 1, cr4: 4, cr5: 5, cr10: 10, cr20: 20 };

// The value of an indicator, or null if the page cannot compute it.
export function indicator(world, name) {
  if (!world || !(world.total > 0)) return null;
  if (world.slack) return middle(bounds(world, name));
  if (name in SHARES) {
    if (SHARES[name] >= world.count) return 1;
    const part = top(world, SHARES[name]);
    return part === null ? null : part / world.total;
  }
  const concentration = hhi(world);
  if (name === "total_value") return world.total;
  if (name === "hhi") return concentration;
  if (name === "effective_number") return 1 / concentration;
  if (name === "hhi_normalized") {
    return world.count > 1 ? (concentration * world.count - 1) / (world.count - 1) : null;
  }
  if (Number.isNaN(world.count)) return null;
  if (world.rest) return indexOfSpectrum(world.rest, fewOf(world), world.count, name);
  if (world.spread) return middle(bounds(world, name));
  return world.tail <= 0 ? indexOfSpectrum(spectrumOf(ranked(world).reverse()), [], world.count, name) : null;
}

// One value if two bounds agree except in the last digits of a double.
const middle = (ends) =>
  ends && ends[1] - ends[0] <= 1e-9 * Math.abs(ends[1]) ? (ends[0] + ends[1]) / 2 : null;

// The bounds of an indicator that is not known exactly; null if nothing is known.
export function bounds(world, name) {
  if (!world || !(world.total > 0)) return null;
  const slack = world.slack ?? { count: 0, total: 0, squares: 0 };
  const most = world.total + slack.total;
  // The terms of a bound are stored with seven digits.
  const rounding = slack.squares > 1e-6 * world.squares ? 1e-6 * world.squares : 0;
  const ends = [(world.squares - rounding) / (most * most), Math.min((world.squares + slack.squares + rounding) / world.total ** 2, 1)];
  if (name in SHARES) {
    const sums = topBounds(world, SHARES[name]);
    return sums && [sums[0] / most, Math.min(sums[1] / world.total, 1)];
  }
  if (name === "hhi") return ends;
  if (name === "effective_number") return [1 / ends[1], 1 / ends[0]];
  if (name === "total_value") return [world.total, most];
  if (name === "gini" && world.spread) return giniBetween(world);
  if (name !== "hhi_normalized" || !(world.count > 1)) return null;
  return ends.map((value, at) => value - (1 - value) / (world.count + at * slack.count - 1));
}

// The bounds of the sum of the k largest: nobody without a name exceeds the tail.
function topBounds(world, count) {
  const known = largest(world, count);
  if (count === 1 && world.reached > (known[0] ?? 0)) known[0] = world.reached;
  const sum = known.reduce((all, value) => all + value, 0);
  if (world.tail <= 0) return [sum, sum];
  if (!Number.isFinite(world.tail)) return null;
  const larger = known.filter((value) => value >= world.tail);
  const atMost = larger.reduce((all, value) => all + value, 0) + (count - larger.length) * world.tail;
  return [sum, atMost];
}

// The distance between bounds as a share of the value: close, and the same in every digit shown.
const [CLOSE, SAME] = [0.03, 1e-6];
const widthOf = ([low, high]) => (high - low) / (Math.abs(high) || 1);

// A value for the search of turning points: exact, or between close bounds.
export function estimate(world, name) {
  const value = indicator(world, name);
  const ends = value === null ? bounds(world, name) : null;
  return ends && widthOf(ends) < CLOSE ? (ends[0] + ends[1]) / 2 : value;
}

// Whether an indicator is known in every digit that the page shows.
export function isCertain(world, name) {
  if (indicator(world, name) !== null) return true;
  const ends = bounds(world, name);
  return ends !== null && widthOf(ends) < SAME;
}

const isBeyond = (value, threshold, direction) =>
  direction === "below" ? value < threshold : value >= threshold;

export function statusOf(limit, value) {
  if (value === null || limit.status === "not_measurable") return "not_measurable";
  // A value that differs from the threshold only in the last digits of a double is on it.
  const rounded = Number(value.toPrecision(12));
  if (isBeyond(rounded, limit.breach, limit.direction)) return "breach";
  return limit.warn !== null && isBeyond(rounded, limit.warn, limit.direction) ? "warn" : "ok";
}

// How much the largest can grow before a limit breaks, or must lose before it holds if negative;
// null if neither happens, undefined if the page cannot tell.
export function growth(now, limit) {
  // The largest may be one without a name.
  const world = now?.reached > (largest(now, 1)[0] ?? 0) ? { ...now, extra: [...now.extra, now.reached], reached: 0 } : now;
  const values = world ? (world.rest ? [top(world, 1)] : largest(world, 1)) : [];
  if (!values.length || estimate(world, limit.indicator) === null) return undefined;
  const isBroken = (change) => {
    const value = estimate(withLargest(world, values[0], change), limit.indicator);
    return value === null ? null : statusOf(limit, value) === "breach";
  };
  const isNow = isBroken(0);
  const steps = 60;
  let before = 0;
  for (let step = 1; step <= steps; step += 1) {
    // Losses in steps, up to everything; growth in growing steps.
    const change = isNow ? (-values[0] * step) / steps : world.total * 10 ** (6 * (step / steps) - 3);
    const then = isBroken(change);
    if (then === null) return undefined;
    if (then !== isNow) return halved((it) => isBroken(it) === isNow, before, change);
    before = change;
  }
  return null;
}

// The same world in which its largest entity has more or less.
function withLargest(world, before, change) {
  const at = world.named.findIndex(([, value]) => value === before);
  const after = Math.max(before + change, 0);
  const named = at < 0 ? world.named : world.named.map((pair, place) => (place === at ? [pair[0], after] : pair));
  const isExtra = at < 0 && world.extra.includes(before);
  const extra = isExtra ? world.extra.map((value) => (value === before ? after : value)) : world.extra;
  if (at < 0 && !isExtra) {
    // The largest has no name here and is one of the spectrum.
    const [sum, square] = [world.total + after - before, world.squares + after * after - before * before];
    return { ...world, count: after > 0 ? world.count : world.count - 1, total: sum, squares: square, extra: [...extra, after], taken: [...world.taken, before] };
  }
  const [total, squares] = [world.total + after - before, world.squares + after * after - before * before];
  return { ...world, count: after > 0 ? world.count : world.count - 1, total, squares, named, extra };
}

// The factor between zero and two, nearest to the current one, at which a status turns.
export function turningPoint(statusAt, factor, steps = 200) {
  const now = statusAt(factor);
  const width = 2 / steps;
  for (let step = 1; step <= steps; step += 1) {
    for (const side of [-1, 1]) {
      const edge = factor + side * step * width;
      if (edge < -1e-9 || edge > 2 + 1e-9) continue;
      if (statusAt(Math.max(edge, 0)) !== now) {
        return narrowed(statusAt, now, factor + side * (step - 1) * width, Math.max(edge, 0));
      }
    }
  }
  return null;
}

function narrowed(statusAt, now, from, to) {
  return halved((factor) => statusAt(factor) === now, from, to);
}

// The point between `from` and `to` at which a condition that holds at `from` ends.
function halved(isSame, from, to) {
  let [same, other] = [from, to];
  for (let round = 0; round < 60; round += 1) {
    const middle = (same + other) / 2;
    if (isSame(middle)) same = middle;
    else other = middle;
  }
  return other;
}
