export { metricsConfig } from './metrics.config.js';
export { MetricsModule } from './metrics.module.js';
export { MetricsReader } from './metrics-reader.js';
export { seriesOf } from './series-of.js';
