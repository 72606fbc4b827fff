import { writeFileSync } from 'node:fs';
import { buildProduct, startProduct } from './support/product.js';

/** Writes `openapi.json` as the built product serves it. */
buildProduct();
const product = await startProduct();
try {
  const document = await (await fetch(`${product.url}/docs-json`)).json();
  writeFileSync(new URL('../openapi.json', import.meta.url), `${JSON.stringify(document, null, 2)}\n`);
} finally {
  await product.stop();
}
