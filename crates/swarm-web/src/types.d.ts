/** What the page tells the swarm. */
export type SwarmEvent =
  | { type: 'tick' }
  | { type: 'tracker-opened' | 'tracker-closed'; tracker: number }
  | { type: 'tracker-text'; tracker: number; text: string }
  | { type: 'offer-made' | 'answer-made'; connection: number; sdp: string }
  | { type: 'opened' | 'closed'; connection: number }
  | { type: 'received'; connection: number; bytes: Uint8Array }
  | { type: 'sent'; connection: number; bytes: number };

/** What the swarm tells the page to do. */
export type SwarmAction =
  | { type: 'tracker-connect'; tracker: number; url: string }
  | { type: 'tracker-send'; tracker: number; text: string }
  | { type: 'tracker-close'; tracker: number }
  | { type: 'make-offer' | 'close'; connection: number }
  | { type: 'accept-offer' | 'accept-answer'; connection: number; sdp: string }
  | { type: 'send'; connection: number; bytes: Uint8Array<ArrayBuffer> }
  | { type: 'broadcast' | 'changed'; description: BroadcastDescription }
  | { type: 'segment'; segment: MediaSegment };

/** What the streamer says of a broadcast. */
export interface BroadcastDescription {
  /** Its id, in hexadecimal. */
  broadcast: string;
  revision: number;
  state: 'live' | 'paused' | 'ended';
  /** Unix time in milliseconds, by the streamer's clock. */
  startedAt: number;
  /** A stranger's text, as are the next three: to be shown as text, never as HTML. */
  title: string;
  /** Empty where the streamer does not say. */
  author: string;
  /** At most 4,000 characters; lines end with '\n'. */
  description: string;
  keywords: string[];
  /** One of a fixed list (docs/WIRE.md), such as 'how-to'. */
  category: string | null;
  /** Whether viewers are asked before they are shown it. May change while live. */
  sensitive: boolean;
  /** An http or https address in ASCII, to be opened by a click only. */
  donation: string | null;
  /** The parameter for MSE. */
  codecs: string;
  bitsPerSecond: number;
  segmentMillis: number;
  initSegment: Uint8Array<ArrayBuffer>;
}

/** A verified segment, in playing order. */
export interface MediaSegment {
  number: number;
  /** Seconds on the broadcast's time line. */
  presentationTime: number;
  /** Seconds. */
  duration: number;
  keyFrame: boolean;
  /** Unix time in milliseconds, by the streamer's clock. */
  capturedAt: number;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Counters since the page was opened. */
export interface SwarmStats {
  status: 'connecting' | 'waiting' | 'live' | 'paused' | 'reconnecting' | 'aside' | 'ended';
  peers: number;
  viewers: number;
  uploadedBytes: number;
  uploadedPieceBytes: number;
  downloadedBytes: number;
  downloadedPieceBytes: number;
  duplicateBytes: number;
  segments: number;
  streamBytes: number;
  lostSegments: number;
  bannedPeers: number;
  trackersOpen: number;
  /** Of `downloadedPieceBytes`, what came from the streamer itself; the rest came from viewers. */
  fromStreamerBytes: number;
  /** Whether this viewer passes nothing on, by choice. */
  uploadOff: boolean;
  /** What the upload carries in bytes a second, as far as it has been tried. */
  uploadRate: number;
  /** How many whole streams this viewer would pass on, and how many it passes on now. */
  uploadCapacity: number;
  uploadUsed: number;
  /** Which part of the stream is wanting around here because nobody has the upload for it, from 0 to 1. */
  audienceHunger: number;
  /** Which part of the audience goes without for now, so that the others get everything. */
  audienceAside: number;
  /** Whether that is so much that the audience's upload is not enough. */
  audienceShortOfUpload: boolean;
}

/** One connected peer. */
export interface SwarmPeer {
  connection: number;
  /** Its peer id, in hexadecimal. */
  peer: string;
  streamer: boolean;
  /** Since when, in milliseconds of `performance.now()`. */
  since: number;
  downloadedPieceBytes: number;
  uploadedPieceBytes: number;
  roundTripMillis: number | undefined;
  /** How many eighths of the stream it pushes to us, and we to it. */
  stripesFrom: number;
  stripesTo: number;
  /** Whether it says that it passes nothing on. */
  uploadOff: boolean;
}

/** A segment's pieces, as a piece map shows them. */
export interface SegmentPieces {
  number: number;
  /** Of each piece in order: 0 is missing, and playing has gone on without it; 1 is not here yet; 2 came from the
   * streamer itself; 3 came from another viewer. */
  pieces: Uint8Array<ArrayBuffer>;
}
