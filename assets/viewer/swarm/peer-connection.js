// One connection to one peer: an RTCPeerConnection without trickle and its one data channel.
//
// Not here: with whom, and what is said. The swarm decides both.

/** The data channel's label, as every peer of the live swarm names it. */
const LABEL = 'lt'
/** Addresses of this machine are found within milliseconds, those that a server tells within a round trip. What comes
 * later is done without. */
const GATHERING_TIMEOUT_MS = 1000
/** The longest message sent. Every peer takes 64 KiB (RFC 8841, section 6.1); a piece with its header stays in one. */
const MAX_MESSAGE_BYTES = 32 * 1024
/** The browser says when nothing waits any more: the swarm learns from the moment what the uplink carries. */
const LOW_WATER_BYTES = 0

/**
 * @typedef {object} PeerListener
 * @property {() => void} opened the data channel is open
 * @property {(bytes: Uint8Array<ArrayBuffer>) => void} received
 * @property {(bytes: number) => void} sent so many bytes have left the browser's buffer
 * @property {() => void} closed it failed, or the peer closed it; nothing follows
 */

export class PeerConnection {
  #connection
  /** @type {RTCDataChannel | undefined} */
  #channel
  /** Bytes handed to the channel that were not reported as sent. */
  #unreported = 0
  #over = false
  /** Who is told. Nothing happens before an offer or answer of the peer's is accepted. @type {PeerListener | undefined} */
  listener

  /** @param {RTCIceServer[]} iceServers by whose help a path is found; none for peers of the same network */
  constructor (iceServers) {
    this.#connection = new RTCPeerConnection({ iceServers })
    this.#connection.onconnectionstatechange = () => {
      const { connectionState } = this.#connection
      if (connectionState === 'failed' || connectionState === 'closed') this.#end()
    }
  }

  /** @returns {Promise<string>} our offer, with its candidates */
  async offer () {
    this.#use(this.#connection.createDataChannel(LABEL))
    return this.#describe()
  }

  /**
   * @param {string} offer the peer's
   * @returns {Promise<string>} our answer, with its candidates
   */
  async answer (offer) {
    this.#connection.ondatachannel = ({ channel }) => {
      // A peer that opens others is not one of ours.
      if (this.#channel !== undefined || channel.label !== LABEL) this.#end()
      else this.#use(channel)
    }
    await this.#connection.setRemoteDescription({ type: 'offer', sdp: offer })
    return this.#describe()
  }

  /** @param {string} answer the peer's, to our offer */
  async acceptAnswer (answer) {
    await this.#connection.setRemoteDescription({ type: 'answer', sdp: answer })
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  send (bytes) {
    if (this.#channel?.readyState !== 'open') return
    try {
      for (let at = 0; at < bytes.length; at += MAX_MESSAGE_BYTES) {
        this.#channel.send(bytes.subarray(at, at + MAX_MESSAGE_BYTES))
      }
      this.#unreported += bytes.length
    } catch {
      // The browser's own buffer is full: a peer that has read nothing for long.
      this.#end()
    }
  }

  /** Reports what has left the browser's buffer since the last time. */
  reportSent () {
    if (this.#channel === undefined) return
    const sent = this.#unreported - this.#channel.bufferedAmount
    if (sent <= 0) return
    this.#unreported -= sent
    this.listener?.sent(sent)
  }

  /** Whether the path to the peer does not work now; it may come back. */
  get isInterrupted () {
    return this.#connection.connectionState === 'disconnected'
  }

  close () {
    this.#over = true
    this.listener = undefined
    this.#channel?.close()
    this.#connection.close()
  }

  async #describe () {
    await this.#connection.setLocalDescription()
    await this.#gathered()
    const description = this.#connection.localDescription
    if (description === null) throw new Error('the connection was closed')
    return description.sdp
  }

  /** Until all of this machine's addresses are found, or time is up. */
  async #gathered () {
    const connection = this.#connection
    if (connection.iceGatheringState === 'complete') return
    await new Promise(resolve => {
      const timer = setTimeout(resolve, GATHERING_TIMEOUT_MS)
      connection.onicegatheringstatechange = () => {
        if (connection.iceGatheringState !== 'complete') return
        clearTimeout(timer)
        resolve(undefined)
      }
    })
  }

  /** @param {RTCDataChannel} channel */
  #use (channel) {
    this.#channel = channel
    channel.binaryType = 'arraybuffer'
    channel.bufferedAmountLowThreshold = LOW_WATER_BYTES
    channel.onbufferedamountlow = () => this.reportSent()
    channel.onclose = () => this.#end()
    channel.onmessage = ({ data }) => {
      // Text is no part of the wire.
      if (data instanceof ArrayBuffer) this.listener?.received(new Uint8Array(data))
      else this.#end()
    }
    if (channel.readyState === 'open') this.listener?.opened()
    else channel.onopen = () => this.listener?.opened()
  }

  #end () {
    if (this.#over) return
    const { listener } = this
    this.close()
    listener?.closed()
  }
}
