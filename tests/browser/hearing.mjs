// Whether sound comes out of a playing page's decoder.

/**
 * The loudest sample within some seconds, between 0 and 1. The page's sound goes elsewhere from then on.
 * @param {import('./browsers.mjs').Page} page
 * @param {number} seconds
 * @returns {Promise<number>}
 */
export function loudest (page, seconds) {
  return page.evaluate(async seconds => {
    const video = /** @type {HTMLVideoElement} */ (document.querySelector('video'))
    video.muted = false
    video.volume = 1
    const context = new AudioContext()
    const analyser = context.createAnalyser()
    context.createMediaElementSource(video).connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    let loudest = 0
    const until = performance.now() + seconds * 1000
    while (performance.now() < until) {
      analyser.getFloatTimeDomainData(samples)
      loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), loudest)
      await new Promise(resolve => setTimeout(resolve, 15))
    }
    return loudest
  }, seconds)
}
