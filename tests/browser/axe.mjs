// What axe (axe-core) finds wrong with a page.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** Its script, for a page to be opened with. */
export const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/**
 * What is serious, and where.
 * @param {import('./browsers.mjs').Page} page
 * @returns {Promise<string[]>}
 */
export async function violations (page) {
  return page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (window).axe.run()
    return violations
      .filter((/** @type {{ impact: string }} */ { impact }) => ['serious', 'critical'].includes(impact))
      .flatMap((/** @type {any} */ { id, nodes }) => nodes.map((/** @type {any} */ node) => `${id}: ${node.html} ${node.failureSummary}`))
  })
}
