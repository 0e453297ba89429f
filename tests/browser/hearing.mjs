// Whether sound comes out of a playing page's decoder. It is recorded and looked at, which needs no loudspeaker.

/**
 * The loudest sample within some seconds, between 0 and 1.
 * @param {import('./browsers.mjs').Page} page
 * @param {number} seconds
 * @returns {Promise<number>}
 */
export function loudest (page, seconds) {
  return page.evaluate(async seconds => {
    /** @type {HTMLVideoElement & { captureStream?: () => MediaStream, mozCaptureStream?: () => MediaStream }} */
    const video = /** @type {HTMLVideoElement} */ (document.querySelector('video'))
    const stream = video.captureStream?.() ?? video.mozCaptureStream?.()
    if (stream === undefined) throw new Error('this browser cannot record')
    const recorder = new MediaRecorder(new MediaStream(stream.getAudioTracks()))
    /** @type {Blob[]} */
    const parts = []
    recorder.ondataavailable = ({ data }) => parts.push(data)
    const stopped = new Promise(resolve => { recorder.onstop = resolve })
    recorder.start()
    await new Promise(resolve => setTimeout(resolve, seconds * 1000))
    recorder.stop()
    await stopped
    const context = new OfflineAudioContext(1, 48000, 48000)
    const sound = await context.decodeAudioData(await new Blob(parts).arrayBuffer())
    return sound.getChannelData(0).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
  }, seconds)
}
