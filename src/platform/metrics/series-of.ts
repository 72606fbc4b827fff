interface Metric<Series> {
  labels(...values: string[]): Series;
}

/** Finds a metric's series by the values of its labels, each once: prom-client's own search costs more than to count. */
export function seriesOf<Series>(metric: Metric<Series>): (...values: string[]) => Series {
  const known = new Map<string, Series>();
  return (...values) => {
    const name = values.join(' ');
    let series = known.get(name);
    if (!series) known.set(name, (series = metric.labels(...values)));
    return series;
  };
}
