// The values that a limit depends on after changes of entities of another dimension, which are parts
// of these values (topheavy/report/limit_parts.py computes the sums of the parts).
import { atStep, belowZero, countAtStep } from "./below_zero.js";
import { withoutRemains, worldOfAll } from "./what_if.js";

// The same for one entity of another dimension, which contributes a part of each value.
export function cut(view, part, factor) {
  if (!part || factor === 1) return { ...view, extra: [] };
  const step = factor - 1;
  const [sum, crossed, square, down, up, only] = part.sums;
  const stable = {
    count: view.count - (factor === 0 ? only : 0),
    total: view.total + step * sum,
    squares: view.squares + 2 * step * crossed + step * step * square,
  };
  const critical = (part.critical ?? []).map(([before, piece, place]) => [before, before + step * piece, place]);
  let { count, total, squares, extra } = withListed(view, stable, critical);
  let slack = null;
  if (!part.critical) {
    const [low, high] = turned(part.turns, factor);
    const [, positive, , , , , , today, todaySquares] = part.turns.sums;
    count += low[0] - positive;
    total += low[1] - today;
    squares += low[2] - todaySquares;
    slack = slackOf(low, high);
  }
  const pieces = new Map(part.named);
  const named = view.named.map(([place, value]) => [
    place,
    Math.max(value + step * (pieces.get(place) ?? 0), 0),
  ]);
  // Between two factors, no value exceeds the mean of the largest values at both.
  const tail = step < 0 ? factor * view.tail - step * down : (1 - step) * view.tail + step * Math.max(up, view.tail);
  return { ...view, count, total, squares, named, extra, tail, reached: factor === 0 && part.reached ? down : 0, slack };
}

// The sums with entities that can change their sign, each listed with its value before and after, and
// the values of those without a name.
function withListed(view, { count, total, squares }, entities) {
  const extra = [];
  for (const [before, changed, place] of entities) {
    const [today, after] = [Math.max(before, 0), Math.max(cleared(changed), 0)];
    count += (after > 0) - (today > 0);
    total += after - today;
    squares += after ** 2 - today ** 2;
    if (place > view.named.length) extra.push(after);
  }
  return { count, total, squares, extra };
}

// The lower and upper bounds of the count, total and squares of those that can change their sign.
function turned({ sums, below, roots, counts }, factor) {
  const [all, , sum, part, squares, crossed, square] = sums;
  const step = factor - 1;
  const [total, ofSquares] = [sum + step * part, squares + 2 * step * crossed + step * step * square];
  const [missing, root] = [atStep(below, factor), atStep(roots, factor)];
  const low = [0, Math.max(total + missing[0], 0), Math.max(ofSquares - root[1] ** 2, 0)];
  const high = [all, Math.max(total + missing[1], 0), Math.max(ofSquares - root[0] ** 2, 0)];
  if (counts) [low[0], high[0]] = countAtStep(counts, factor);
  return [low, high];
}

const slackOf = (low, high) => {
  const [count, total, squares] = low.map((value, at) => Math.max(high[at] - value, 0));
  return count || total || squares ? { count, total, squares } : null;
};

// If every value has its name, the names are sufficient.
function cutWhole(view, parts, factors) {
  const values = new Map(view.named);
  for (const [place, factor] of factors) {
    for (const [named, piece] of parts.of[place]?.named ?? []) values.set(named, values.get(named) + (factor - 1) * piece);
  }
  return worldOfAll([...values.values()], view.slots);
}

// Several entities of another dimension at once: each x becomes the sum of x and its (f - 1) z.
export function cutAll(view, parts, factors) {
  return withoutRemains(cutSeveral(view, parts, factors), view.total);
}

function cutSeveral(view, parts, factors) {
  if (view.tail <= 0) return cutWhole(view, parts, factors);
  const steps = new Map([...factors].filter(([place, factor]) => factor !== 1 && parts.of[place]).map(([place, factor]) => [place, factor - 1]));
  if (steps.size < 2) {
    const [place, step] = [...steps][0] ?? [null, 0];
    return { ...cut(view, parts.of[place], step + 1), ...largestOther(view, parts, (it) => (it === place ? step : 0)) };
  }
  if (![...steps.keys()].every((place) => parts.together.includes(place))) return null;
  const stepOf = (place) => steps.get(place) ?? 0;
  const { total: moved, squares: squared } = changed(parts, stepOf);
  const stable = { count: view.count - goneOf(parts, steps), total: view.total + moved, squares: view.squares + squared };
  const mixed = parts.mixed.map(([before, place, pieces]) => [before, pieces.reduce((value, [at, piece]) => value + stepOf(at) * piece, before), place]);
  const sums = withListed(view, stable, mixed);
  const values = new Map(view.named);
  for (const [place, step] of steps) {
    for (const [named, piece] of parts.of[place].named) values.set(named, values.get(named) + step * piece);
  }
  const named = [...values].map(([place, value]) => [place, Math.max(cleared(value), 0)]);
  const tail = grown(view.tail, parts, parts.rest, stepOf);
  const reached = parts.together.every((place) => stepOf(place) === -1) ? parts.rest : 0;
  const world = { ...view, ...sums, named, tail, reached, ...largestOther(view, parts, stepOf), slack: null };
  return parts.bounds ? bounded(world, parts, stepOf) : world;
}

// For an attribute, each value belongs to one entity, so the largest without a name is known.
function largestOther(view, parts, stepOf) {
  if (!parts.is_owned) return {};
  const most = Math.max(parts.rest, ...parts.single.map(([place, , , part]) => (stepOf(place) + 1) * part));
  return { tail: most, reached: most };
}

// The largest possible value without a name: no part grows by more than its factor, or by more than
// the largest such part; and the value is the sum of its parts and the rest.
function grown(tail, { single }, rest, stepOf) {
  const most = single.reduce((sum, [place, , , part]) => sum + Math.max(stepOf(place), 0) * part, 0);
  const whole = single.reduce((sum, [place, , , part]) => sum + (stepOf(place) + 1) * part, rest);
  return Math.min(tail + most, tail * Math.max(1, ...single.map(([place]) => stepOf(place) + 1)), whole);
}

// What changes add to the total and to the squares of values that stay above zero.
function changed({ single, products }, stepOf) {
  let [total, squares] = [0, 0];
  for (const [place, part, crossed] of single) {
    total += stepOf(place) * part;
    squares += 2 * stepOf(place) * crossed;
  }
  for (const [one, two, product] of products) {
    squares += (one === two ? 1 : 2) * stepOf(one) * stepOf(two) * product;
  }
  return { total, squares };
}

// Many can fall below zero, and the page has only their sums and bounds of what is below zero.
function bounded(world, { bounds, together, rest }, stepOf) {
  const [positive, today, todaySquares, sum, sumOfSquares] = bounds.sums;
  const { total: moved, squares: squared } = changed(bounds, stepOf);
  const places = new Map(together.map((place, at) => [place, at]));
  const single = bounds.single.map(([place, ...sums]) => [places.get(place), ...sums]);
  const below = belowZero({ ...bounds, single }, together.map((place) => 1 + stepOf(place)));
  const [least, most] = below.sum.map((it) => Math.max(sum + moved + it, 0));
  const [leastSquares, mostSquares] = below.root.map((it) => Math.max(sumOfSquares + squared - it ** 2, 0)).reverse();
  const low = [0, least, Math.max(leastSquares, least ** 2 / bounds.count)];
  const high = [bounds.count, most, Math.max(mostSquares, low[2])];
  const tail = Math.max(world.tail, grown(bounds.tail, bounds, rest, stepOf));
  const { count, total, squares } = world;
  return { ...world, count: count - positive, total: total - today + low[1], squares: squares - todaySquares + low[2], tail, slack: slackOf(low, high) };
}

// How many entities consist of removed parts alone; NaN if that is not counted.
function goneOf(parts, steps) {
  const removed = new Set([...steps].filter(([, step]) => step === -1).map(([place]) => place));
  if (removed.size > parts.depth) return NaN;
  const gone = parts.made_of.filter(([places]) => places.every((place) => removed.has(place)));
  return gone.reduce((sum, [, count]) => sum + count, 0);
}

// A remainder in the last digit of a sum is zero.
const cleared = (value) => (Math.abs(value) < 1e-9 ? 0 : value);
