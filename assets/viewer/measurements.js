// What tests and benchmarks read: `liveOnTorrent.stats()` on the page's window, one plain object.

/** @typedef {import('./page/status.js').Status} Status */
/** @typedef {import('./media/player.js').PlayerSnapshot} PlayerSnapshot */
/** @typedef {import('./swarm/membership.js').SwarmSnapshot} SwarmSnapshot */

/**
 * Times are in seconds where nothing else is said; counts are since the page was opened.
 * @typedef {object} Measurements
 * @property {Status} status as shown
 * @property {string} title
 * @property {number | undefined} firstFrameMillis from navigation to the first picture
 * @property {number} segments given to the browser to play
 * @property {number} missingSegments that the broadcast had in between and that were not
 * @property {number | undefined} delay behind the streamer's camera
 * @property {boolean} delayByClocks whether both clocks seem to agree; otherwise the true delay is somewhat longer
 * @property {number} buffer ahead of the playhead
 * @property {number} hold what is held back for late segments
 * @property {number} stalls
 * @property {number} stalled
 * @property {number} jumps to the live edge
 * @property {import('./swarm/piece-history.js').PieceCounts} pieces of the last minute, as last looked at
 * @property {number} rate of playing now
 * @property {number} rebuilds of the stream after failures
 * @property {number} swarmRestarts after failures of the WebAssembly
 * @property {SwarmSnapshot['swarm']} swarm
 * @property {SwarmSnapshot['peers']} peers
 */

/** @param {() => Measurements} measure */
export function offerMeasurements (measure) {
  Object.defineProperty(window, 'liveOnTorrent', { value: Object.freeze({ stats: measure }) })
}

/**
 * @param {Status} status
 * @param {PlayerSnapshot} player
 * @param {SwarmSnapshot} snapshot
 * @param {Pick<Measurements, 'pieces' | 'rate' | 'swarmRestarts'>} more
 * @returns {Measurements}
 */
export function measurements (status, player, { swarm, peers }, more) {
  return {
    status,
    title: player.description?.title ?? '',
    firstFrameMillis: player.firstFrameMillis,
    segments: player.segments,
    missingSegments: player.missingSegments,
    delay: player.delay?.seconds,
    delayByClocks: player.delay?.byClocks ?? false,
    buffer: player.bufferSeconds,
    hold: player.holdSeconds,
    stalls: player.stalls,
    stalled: player.stalledSeconds,
    jumps: player.jumps,
    rebuilds: player.rebuilds,
    swarm,
    peers,
    ...more
  }
}
