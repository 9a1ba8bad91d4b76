// How many values lie between powers of two, and their sums: enough to bound the Gini when a few
// values change.

// The Lorenz curve through the powers of two, in ascending order.
export function curveOf(spread, { entity_count: count, total_value: total }) {
  if (!spread) return [];
  const [, counts, values, unit = 1] = spread;
  const points = [{ x: 0, y: 0 }];
  let [below, sum] = [count - counts.reduce((all, many) => all + many, 0), 0];
  if (below > 0) points.push({ x: below / count, y: 0 });
  counts.forEach((many, at) => {
    [below, sum] = [below + many, sum + values[at] / unit];
    if (many) points.push({ x: below / count, y: sum / total });
  });
  return points;
}

// A spread without the values that are known individually. The known values are no smaller than the
// others, so that distances to them are exact.
export function spreadWithout([first, counts, values, unit = 1], known, { entity_count: count, total_value: total, gini }) {
  const bins = counts.map((many, at) => ({ from: 2 ** (first + at) / unit, to: 2 ** (first + at + 1) / unit, many, sum: values[at] / unit }));
  const zeros = count - counts.reduce((sum, many) => sum + many, 0);
  for (const value of known) {
    const bin = bins.find(({ to }) => value < to) ?? bins.at(-1);
    bin.many -= 1;
    bin.sum -= value;
  }
  const last = known.at(-1) ?? Infinity;
  const rest = bins.filter(({ many }) => many > 0).map((bin) => ({ ...bin, to: Math.min(bin.to, last) }));
  const among = gini * count * total - zeros * total - distancesTo(rest, known).reduce((sum, [low]) => sum + low, 0) - distancesAmong(known.map((value) => [value, 1]));
  return { rest, zeros, among };
}

// The smallest and largest possible distances from the values of a spread to each of some values.
// The mean is never farther away than its values, and these are farthest at both ends of their bin.
function distancesTo(bins, values) {
  return values.map((value) => {
    let [low, high] = [0, 0];
    for (const { from, to, many, sum } of bins) {
      const distance = Math.abs(value * many - sum);
      low += distance;
      if (value <= from || value >= to) high += distance;
      else {
        const atTop = Math.min(Math.max((sum - from * many) / (to - from), 0), many);
        high += Math.max(distance, (many - atTop) * (value - from) + atTop * (to - value));
      }
    }
    return [low, high];
  });
}

// The distances between values, each with its weight.
function distancesAmong(values) {
  let sum = 0;
  values.forEach(([value, weight], at) => {
    for (let before = 0; before < at; before += 1) sum += weight * values[before][1] * Math.abs(value - values[before][0]);
  });
  return sum;
}

// The smallest and largest possible Gini of a world.
export function giniBetween({ named, extra, next = [], taken, spread, count, total, slack }) {
  const present = [...named.map(([, value]) => value), ...next, ...extra].filter((value) => value > 0);
  const few = [...present.map((value) => [value, 1]), ...taken.map((value) => [value, -1])];
  const sure = spread.among + spread.zeros * total + distancesAmong(few);
  const ends = [sure, sure];
  distancesTo(spread.rest, few.map(([value]) => value)).forEach(([low, high], at) => {
    const isTaken = few[at][1] < 0;
    ends[0] += isTaken ? -high : low;
    ends[1] += isTaken ? -low : high;
  });
  if (!slack) return ends.map((distances) => distances / (count * total));
  // If one value moves, its distance to each other value changes by at most the same amount.
  const most = (count + slack.count) * slack.total;
  return [Math.max(ends[0] - most, 0) / ((count + slack.count) * (total + slack.total)), Math.min((ends[1] + most) / (count * total), 1)];
}
