// What a change does, from sums and the leading list: exact, or not told. No part of the page is
// touched here, so that the tests can hold each number against SQL.
//
// A world is { count, total, squares, named: [[place, value]], tail }: the sums of all entities
// above zero, the largest of them by name, and the largest value among the others.

// The world of one dimension, measure and period, as the indices and the leading list have it.
export function worldOf(index, leading, isPartial = false) {
  const named = [];
  for (let at = 0; at < (leading?.length ?? 0); at += 2) {
    if (leading[at + 1] > 0) named.push([leading[at], leading[at + 1]]);
  }
  const { entity_count: count, total_value: total, hhi } = index;
  const sum = named.reduce((all, [, value]) => all + value, 0);
  // Slots of the calendar count although nothing came in them: what is named may be all there is.
  const isWhole = named.length >= count || Math.abs(sum - total) <= 1e-9 * Math.abs(total);
  // Where only some are added up, nobody knows who else is large in one period.
  const tail = isWhole ? 0 : isPartial ? Infinity : named.at(-1)?.[1] ?? 0;
  return { count, total, squares: (hhi ?? 0) * total * total, named, tail, extra: [] };
}

// Entities of the world's own dimension, each times its factor; and one added.
export function scaled(world, factors, added = 0, valueOf = () => null) {
  const values = new Map(world.named);
  let { count, total, squares } = world;
  const extra = [...(world.extra ?? [])];
  for (const [place, factor] of factors) {
    const listed = values.has(place);
    const before = listed ? values.get(place) : valueOf(place);
    if (before === null) return null;
    if (!(before > 0)) continue;
    const after = before * factor;
    total += after - before;
    squares += after * after - before * before;
    if (after === 0) count -= 1;
    if (listed) values.set(place, after);
    else extra.push(after);
  }
  if (added > 0) {
    total += added;
    squares += added * added;
    count += 1;
    extra.push(added);
  }
  return { ...world, count, total, squares, named: [...values], extra };
}

// The same of one entity of another dimension, which is a part of each value.
export function cut(view, part, factor) {
  if (!part || factor === 1) return { ...view, extra: [] };
  if (part.critical === null) return null;
  const step = factor - 1;
  const [sum, crossed, square, down, up, only] = part.sums;
  let count = view.count - (factor === 0 ? only : 0);
  let total = view.total + step * sum;
  let squares = view.squares + 2 * step * crossed + step * step * square;
  const extra = [];
  for (const [before, piece, place] of part.critical) {
    const after = before + step * piece;
    if (before > 0) {
      count -= 1;
      total -= before;
      squares -= before * before;
    }
    if (after > 0) {
      count += 1;
      total += after;
      squares += after * after;
    }
    if (place > view.named.length) extra.push(Math.max(after, 0));
  }
  const pieces = new Map(part.named);
  const named = view.named.map(([place, value]) => [
    place,
    Math.max(value + step * (pieces.get(place) ?? 0), 0),
  ]);
  const tail = Math.max(view.tail, step < 0 ? down : up);
  return { ...view, count, total, squares, named, extra, tail };
}

// Several entities of another dimension at once: exact where every value is named.
export function cutAll(view, parts, factors) {
  const changed = [...factors].filter(([place, factor]) => factor !== 1 && parts[place]);
  if (changed.length < 2) {
    const [place, factor] = changed[0] ?? [null, 1];
    return cut(view, parts[place], factor);
  }
  const isWhole = view.named.length >= view.count;
  if (!isWhole || changed.some(([place]) => parts[place].critical?.length !== 0)) return null;
  const values = new Map(view.named);
  for (const [place, factor] of changed) {
    for (const [named, piece] of parts[place].named) {
      values.set(named, values.get(named) + (factor - 1) * piece);
    }
  }
  return fromValues([...values].map(([place, value]) => [place, value < 1e-9 ? 0 : value]));
}

function fromValues(named) {
  const values = named.map(([, value]) => value).filter((value) => value > 0);
  return {
    count: values.length,
    total: values.reduce((sum, value) => sum + value, 0),
    squares: values.reduce((sum, value) => sum + value * value, 0),
    named,
    extra: [],
    tail: 0,
  };
}

// The values of the world from the largest down.
export function ranked(world) {
  const values = [...world.named.map(([, value]) => value), ...(world.extra ?? [])];
  return values.filter((value) => value > 0).sort((one, other) => other - one);
}

// What the k largest have, or null where somebody not named could be among them.
export function top(world, count) {
  const values = ranked(world);
  const isWhole = world.tail <= 0;
  if (!isWhole && count < world.count && (values[count - 1] ?? 0) < world.tail) return null;
  if (!isWhole && values.length < Math.min(count, world.count)) return null;
  return values.slice(0, count).reduce((sum, value) => sum + value, 0);
}

export function hhi(world) {
  return world.total > 0 ? world.squares / (world.total * world.total) : null;
}

const SHARES = { entity_share: 1, cr1: 1, cr4: 4, cr5: 5, cr10: 10, cr20: 20 };

// The value of an indicator, or null where the page cannot compute it.
export function indicator(world, name) {
  if (!world || !(world.total > 0)) return null;
  if (name in SHARES) {
    if (SHARES[name] >= world.count) return 1;
    const largest = top(world, SHARES[name]);
    return largest === null ? null : largest / world.total;
  }
  const concentration = hhi(world);
  if (name === "hhi") return concentration;
  if (name === "effective_number") return 1 / concentration;
  if (name === "hhi_normalized") {
    return world.count > 1 ? (concentration * world.count - 1) / (world.count - 1) : null;
  }
  return world.tail <= 0 ? fromAll(ranked(world), world.count, name) : null;
}

// Indices of every value, where all of them are named.
function fromAll(values, count, name) {
  const total = values.reduce((sum, value) => sum + value, 0);
  const shares = values.map((value) => value / total);
  const weighted = (weight) => shares.reduce((sum, share, at) => sum + weight(share, at), 0);
  const gini = 1 + 1 / count - (2 / count) * weighted((share, at) => share * (at + 1));
  const percent = /^top_(\d+)pct_share$/.exec(name)?.[1];
  if (percent) {
    const taken = Math.ceil((count * percent) / 100 - 1e-9);
    return shares.slice(0, taken).reduce((sum, share) => sum + share, 0);
  }
  switch (name) {
    case "gini":
      return gini;
    case "gini_unbiased":
      return count > 1 ? (gini * count) / (count - 1) : null;
    case "hall_tideman":
      return 1 / (2 * weighted((share, at) => share * (at + 1)) - 1);
    case "theil_t":
      return weighted((share) => share * Math.log(share * count));
    case "shannon_entropy":
      return -weighted((share) => share * Math.log(share));
    case "hoover":
      return (weighted((share) => Math.abs(share - 1 / count)) + (count - shares.length) / count) / 2;
    default:
      return null;
  }
}

const isBeyond = (value, threshold, direction) =>
  direction === "below" ? value < threshold : value >= threshold;

export function statusOf(limit, value) {
  if (value === null || limit.status === "not_measurable") return "not_measurable";
  // What is on the threshold but for the last digits of a double is on it.
  const rounded = Number(value.toPrecision(12));
  if (isBeyond(rounded, limit.breach, limit.direction)) return "breach";
  return limit.warn !== null && isBeyond(rounded, limit.warn, limit.direction) ? "warn" : "ok";
}

// How much the largest can grow (or, below zero, must lose) until a limit from above is reached.
export function growth(world, limit) {
  if (!world || limit.direction === "below" || limit.breach >= 1) return null;
  const { total, squares } = world;
  const largest = top(world, 1);
  if (limit.indicator in SHARES) {
    const part = top(world, SHARES[limit.indicator]);
    return part === null ? null : (limit.breach * total - part) / (1 - limit.breach);
  }
  let level = limit.breach;
  if (limit.indicator === "hhi_normalized") level += (1 - level) / world.count;
  else if (limit.indicator !== "hhi") return null;
  if (largest === null) return null;
  const inside = (largest - level * total) ** 2 - (1 - level) * (squares - level * total * total);
  return inside < 0 ? null : (level * total - largest + Math.sqrt(inside)) / (1 - level);
}

// The factor nearest to the one that is set at which a status turns, between nothing and twice.
export function turningPoint(statusAt, factor) {
  const now = statusAt(factor);
  for (let step = 1; step <= 200; step += 1) {
    for (const side of [-1, 1]) {
      const edge = factor + (side * step) / 100;
      if (edge < -1e-9 || edge > 2 + 1e-9) continue;
      if (statusAt(Math.max(edge, 0)) !== now) {
        return narrowed(statusAt, now, factor + (side * (step - 1)) / 100, Math.max(edge, 0));
      }
    }
  }
  return null;
}

function narrowed(statusAt, now, from, to) {
  let [same, other] = [from, to];
  for (let round = 0; round < 40; round += 1) {
    const middle = (same + other) / 2;
    if (statusAt(middle) === now) same = middle;
    else other = middle;
  }
  return other;
}
