// Indices of values that are known as a spectrum: how often each value occurs. Adding or removing a
// few values, each with its weight (1 or −1), changes an index without counting the others again.

// A spectrum from the differences between whole numbers of a unit, in ascending order, and their
// counts.
export function unpackSpectrum([digits, gaps, counts]) {
  let value = 0;
  return spectrumOf(gaps.map((gap) => (value += gap)), counts, 10 ** digits);
}

export function spectrumOf(ascending, counts, unit = 1) {
  const size = ascending.length;
  const values = Float64Array.from(ascending);
  const [below, sumBelow] = [new Float64Array(size + 1), new Float64Array(size + 1)];
  let [distances, logs, squares] = [0, 0, 0];
  for (let at = 0; at < size; at += 1) {
    const [value, count] = [values[at], counts ? counts[at] : 1];
    distances += count * (value * below[at] - sumBelow[at]);
    logs += count * value * Math.log(value);
    squares += count * value * value;
    below[at + 1] = below[at] + count;
    sumBelow[at + 1] = sumBelow[at] + count * value;
  }
  return { values, below, sumBelow, distances, logs, squares, unit, count: below[size], sum: sumBelow[size] };
}

// How many different values are smaller than this one.
function placeOf(values, value) {
  let [from, to] = [0, values.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (values[middle] < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

// The sum of the distances from all values of a spectrum to one value.
function distanceTo(spectrum, value) {
  const at = placeOf(spectrum.values, value);
  const [count, sum] = [spectrum.below[at], spectrum.sumBelow[at]];
  return value * count - sum + (spectrum.sum - sum) - value * (spectrum.count - count);
}

// The number of values that are at least this large, and the sum of the largest ones.
function atLeast(spectrum, few, value) {
  const more = few.reduce((sum, [other, weight]) => sum + (other >= value ? weight : 0), 0);
  return spectrum.count - spectrum.below[placeOf(spectrum.values, value)] + more;
}

export function largestSum(spectrum, few, count) {
  let [from, to] = [-1, spectrum.values.length - 1];
  // The largest value that a number of entities reach.
  while (from < to) {
    const middle = Math.ceil((from + to) / 2);
    if (atLeast(spectrum, few, spectrum.values[middle]) >= count) from = middle;
    else to = middle - 1;
  }
  const reached = few.filter(([value, weight]) => weight > 0 && atLeast(spectrum, few, value) >= count);
  const edge = Math.max(from < 0 ? 0 : spectrum.values[from], ...reached.map(([value]) => value), 0);
  const place = placeOf(spectrum.values, edge);
  const isThere = spectrum.values[place] === edge ? 1 : 0;
  let [larger, sum] = [spectrum.count - spectrum.below[place + isThere], spectrum.sum - spectrum.sumBelow[place + isThere]];
  for (const [value, weight] of few) {
    if (value > edge) [larger, sum] = [larger + weight, sum + weight * value];
  }
  return sum + edge * (count - larger);
}

// An index of a spectrum and a few values; `count` includes empty slots of the calendar.
export function indexOfSpectrum(spectrum, few, count, name) {
  const total = few.reduce((sum, [value, weight]) => sum + weight * value, spectrum.sum);
  const known = few.reduce((sum, [, weight]) => sum + weight, spectrum.count);
  const all = count > known ? [...few, [0, count - known]] : few;
  const percent = /^top_(\d+)pct_share$/.exec(name)?.[1];
  if (percent) return largestSum(spectrum, few, Math.ceil((count * percent) / 100 - 1e-9)) / total;
  switch (name) {
    case "gini":
      return giniOf(spectrum, all, count, total);
    case "gini_unbiased":
      return count > 1 ? (giniOf(spectrum, all, count, total) * count) / (count - 1) : null;
    case "hall_tideman":
      return 1 / (count * (1 - giniOf(spectrum, all, count, total)));
    case "theil_t":
      return logsOf(spectrum, few) / total - Math.log(total / count);
    case "shannon_entropy":
      return Math.log(total) - logsOf(spectrum, few) / total;
    case "hoover": {
      const mean = total / count;
      return all.reduce((sum, [value, weight]) => sum + weight * Math.abs(value - mean), distanceTo(spectrum, mean)) / (2 * total);
    }
    default:
      return null;
  }
}

function giniOf(spectrum, few, count, total) {
  let distances = spectrum.distances;
  few.forEach(([value, weight], at) => {
    distances += weight * distanceTo(spectrum, value);
    for (const [other, otherWeight] of few.slice(0, at)) distances += weight * otherWeight * Math.abs(value - other);
  });
  return distances / (count * total);
}

const logsOf = (spectrum, few) =>
  few.reduce((sum, [value, weight]) => sum + (value > 0 ? weight * value * Math.log(value) : 0), spectrum.logs);
