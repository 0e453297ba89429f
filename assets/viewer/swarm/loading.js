// Loads the swarm's WebAssembly.

import load, { Viewer } from '../wasm/swarm_web.js'

/** @typedef {import('../wasm/swarm_web.js').Viewer} SwarmViewer */
/** @typedef {{ Viewer: typeof import('../wasm/swarm_web.js').Viewer }} SwarmModule */

const WASM = new URL('../wasm/swarm_web_bg.wasm', import.meta.url)

/**
 * @param {number} attempt how often it was loaded before
 * @returns {Promise<SwarmModule>}
 */
export async function loadSwarm (attempt) {
  if (attempt === 0) {
    await load({ module_or_path: WASM })
    return { Viewer }
  }
  // An instance that has trapped may be broken in any way. Under another address the module is another one, with a
  // memory of its own.
  const url = `../wasm/swarm_web.js?attempt=${attempt}`
  /** @type {typeof import('../wasm/swarm_web.js')} */
  const again = await import(url)
  await again.default({ module_or_path: WASM })
  return again
}
