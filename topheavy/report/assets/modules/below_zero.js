// Bounds of how far entities are below zero in total after several changes. What is below zero is
// proportional to the values and convex in the factors, so its values for removed and halved sets
// bound it for all factors (topheavy/report/below_zero.py computes the sets and the shares).
const [EVERY_SET, PAIRED] = [8, 5];
// Bounds are kept to six digits.
const ROUNDING = 1e-5;

// For a single factor, values are listed by equal steps from nothing to twice the present value.
//
// The bounds of a convex function between two steps: the line between both is the upper bound, the
// lines through the steps on either side are lower bounds.
export function atStep(values, factor) {
  const { step, way } = stepAt(factor, values.length);
  const [before, from, to, after] = [-1, 0, 1, 2].map((it) => values[step + it]);
  const ends = [before === undefined ? 0 : from + (from - before) * way, after === undefined ? 0 : to + (to - after) * (1 - way)];
  const [least, most] = way ? [Math.max(...ends, 0), from + (to - from) * way] : [from, from];
  return [least * (1 - ROUNDING), most * (1 + ROUNDING)];
}

function stepAt(factor, count) {
  const at = (factor * (count - 1)) / 2;
  const step = Math.floor(at + 1e-9);
  return { step, way: at - step < 1e-9 ? 0 : at - step };
}

// The bounds of how many are above zero: of those that fall with the factor, and those that rise.
export function countAtStep([falling, rising], factor) {
  const { step, way } = stepAt(factor, falling.length);
  const next = way ? step + 1 : step;
  return [falling[next] + rising[step], falling[step] + rising[next]];
}

// The place of each set in the list of bounds, by its positions.
const placesOfSets = new Map();
function placeOfSet(count, those) {
  if (!placesOfSets.has(count)) placesOfSets.set(count, new Map(setsOf(count).map((it, place) => [it.join(), place])));
  return placesOfSets.get(count).get(those.join());
}

function setsOf(count) {
  const all = Array.from({ length: count }, (_, at) => at);
  if (count <= EVERY_SET) return Array.from({ length: 2 ** count }, (_, mask) => all.filter((at) => (mask >> at) & 1));
  const few = all.slice(0, PAIRED);
  const pairs = few.flatMap((one) => few.slice(one + 1).map((two) => [one, two]));
  return [[], ...all.map((at) => [at]), ...pairs, ...all.slice(2).map((at) => all.slice(0, at + 1))];
}

// The bounds of what is below zero and of the root of its squares. The factors are in the order of
// the bounds.
export function belowZero(bounds, factors) {
  const most = ["removed", "roots"].map((kind) => mostBelow(bounds, factors, kind));
  const least = ["removed", "roots"].map((kind) => leastBelow(bounds, factors, kind));
  return { sum: [least[0] * (1 - ROUNDING), most[0] * (1 + ROUNDING)], root: [least[1] * (1 - ROUNDING), most[1] * (1 + ROUNDING)] };
}

// Factors up to one are a weighted mean of removed sets, each within the next; what exceeds one adds
// at most the parts below zero.
function mostBelow(bounds, factors, kind) {
  const shrunk = factors.map((factor) => Math.min(factor, 1));
  const levels = [...new Set([1, ...shrunk])].sort((one, other) => other - one);
  let sum = grownBelow(bounds, factors, kind);
  if (levels.length === 2) return sum + between(bounds, shrunk, levels[1], kind);
  sum += levels.at(-1) * without(bounds, [], kind, 0);
  levels.slice(1).forEach((level, at) => {
    sum += (levels[at] - level) * without(bounds, positions(shrunk, level), kind, 0);
  });
  return sum;
}

const positions = (factors, level) => factors.flatMap((factor, at) => (factor <= level ? [at] : []));

function grownBelow({ single }, factors, kind) {
  return single.reduce((sum, [at, , , , below, squares]) => sum + Math.max(factors[at] - 1, 0) * (kind === "removed" ? below : Math.sqrt(squares)), 0);
}

// A set with one factor lies between removed, halved and unchanged.
function between(bounds, factors, factor, kind) {
  const those = positions(factors, factor);
  const halved = without(bounds, those, kind, 1);
  if (factor < 0.5) return (1 - 2 * factor) * without(bounds, those, kind, 0) + 2 * factor * halved;
  return 2 * (1 - factor) * halved + (2 * factor - 1) * without(bounds, [], kind, 0);
}

// The lower bound: minus the sum of those that are negative today, or what the sets imply.
function leastBelow(bounds, factors, kind) {
  const [today, ...parts] = bounds.negative;
  const stays = kind === "removed" ? -parts.reduce((sum, part, at) => sum + (factors[at] - 1) * part, today) : 0;
  return Math.max(stays, leastOfSets(bounds, factors, kind), 0);
}

// A convex function lies above the line through two of its values, on either side of them. If less is
// removed of a part, what is below zero shrinks by at most what is negative in that part.
function leastOfSets(bounds, factors, kind) {
  const [factor, ...more] = new Set(factors.filter((it) => it !== 1));
  if (factors.some((it) => it > 1)) return 0;
  const those = positions(factors, more.length ? 0 : factor);
  if (placeOfSet(factors.length, those) === undefined) return 0;
  const removed = without(bounds, those, kind, 0);
  if (factor === 0 && !more.length) return removed;
  if (more.length) return removed - grownBelow(bounds, factors.map((it) => (it > 0 ? 2 - it : 1)), kind);
  const [halved, now] = [without(bounds, those, kind, 1), without(bounds, [], kind, 0)];
  return halved + (factor < 0.5 ? (halved - now) * (1 - 2 * factor) : (halved - removed) * (2 * factor - 1));
}

// A set removed (0) or halved (1): as listed, or bounded by the shares of the set.
function without(bounds, those, kind, at) {
  const place = placeOfSet(bounds.shares.length, those);
  if (place !== undefined) return bounds[kind][at][place];
  const shares = bounds[kind === "removed" ? "shares" : "share_roots"];
  const all = those.reduce((sum, it) => sum + shares[it], 0);
  return bounds[kind][0][0] + (at ? all / 2 : all);
}
