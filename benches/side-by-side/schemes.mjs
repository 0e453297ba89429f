// The schemes that are compared, by name, each with the settings that README.md gives the reasons for.

import { measure } from '../../tests/browser/watching.mjs'
import { fed, ours } from './source.mjs'

/** @typedef {import('../../tests/browser/browsers.mjs').Page} Page */
/** @typedef {import('../../tests/browser/app.mjs').App} App */
/**
 * @typedef {object} Scheme
 * @property {string} name
 * @property {number} slice its length in seconds
 * @property {(app: App, context: { after: (end: () => unknown) => void }) => Promise<import('./source.mjs').Source>} open
 * @property {(page: Page) => Promise<{ played: number, missing: number }>} counts slices
 */

/** The segments of ours. */
const SEGMENT_MS = 250

/** @type {Record<string, Scheme>} */
export const SCHEMES = {
  ours: {
    name: 'Live on Torrent',
    slice: SEGMENT_MS / 1000,
    open: async app => ours(app),
    counts: async page => {
      const measured = await measure(page)
      return { played: measured?.segments ?? 0, missing: measured?.missingSegments ?? 0 }
    }
  },
  torrents5: slicedTorrents(5),
  torrents1: slicedTorrents(1),
  hls5: hls('p2p-media-loader, long buffer', 5, 15, 12),
  hls1: hls('p2p-media-loader, low delay', 1, 8, 3)
}

/** @param {number} slice @returns {Scheme} */
function slicedTorrents (slice) {
  return {
    name: 'a torrent for each slice',
    slice,
    open: (app, context) => fed(app, context, ['sliced-torrents-source.mjs', String(slice)]),
    counts
  }
}

/**
 * @param {string} name
 * @param {number} slice
 * @param {number} listed segments in the playlist
 * @param {number} [sync] at which segment from the playlist's end to play; else where p2p-media-loader likes it
 * @returns {Scheme}
 */
function hls (name, slice, listed, sync) {
  return {
    name,
    slice,
    open: async (app, context) => {
      const source = await fed(app, context, ['hls-source.mjs', String(slice), String(listed)])
      return sync === undefined ? source : { ...source, link: `${source.link}&sync=${sync}` }
    },
    counts
  }
}

/** @param {Page} page */
function counts (page) {
  return page.evaluate(() => ({ .../** @type {any} */ (window).counts }))
}
