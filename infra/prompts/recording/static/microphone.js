// The microphone: always heard, so that its level shows; kept only between start and stop.

const TAIL = 120; // milliseconds: what was said before the key went down is still on its way
// The voice as it is. What browsers do to make meetings bearable swallows soft beginnings of words.
const PLAIN = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };

export class Microphone {
  constructor(onSound) {
    this.onSound = onSound;
    this.pieces = null;
  }

  /** Open one by its id, or whichever the browser takes. Throws with a sentence for the speaker. */
  async open(device) {
    this.close();
    try {
      const wanted = device ? { ...PLAIN, deviceId: { exact: device } } : PLAIN;
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: wanted });
    } catch (error) {
      throw new Error(REASONS[error.name] ?? `The microphone cannot be used: ${error.message}`);
    }
    this.context = new AudioContext();
    await this.context.audioWorklet.addModule("/static/listener.js");
    const listener = new AudioWorkletNode(this.context, "listener");
    listener.port.onmessage = ({ data }) => {
      this.pieces?.push(data);
      this.onSound(data);
    };
    this.context.createMediaStreamSource(this.stream).connect(listener).connect(this.context.destination); // it plays nothing
    await this.context.resume();
  }

  get id() {
    return this.stream?.getAudioTracks()[0]?.getSettings().deviceId;
  }

  get rate() {
    return this.context.sampleRate;
  }

  start() {
    if (!this.context) throw new Error("No microphone is open: choose one above, or allow it in the browser's address bar.");
    this.pieces = [];
  }

  /** Forget what was heard since start. */
  drop() {
    this.pieces = null;
  }

  /** Every sample since start. */
  async stop() {
    const pieces = this.pieces;
    await new Promise((done) => setTimeout(done, TAIL));
    if (this.pieces === pieces) this.pieces = null; // else a new take has begun meanwhile
    const samples = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      samples.set(piece, at);
      at += piece.length;
    }
    return samples;
  }

  close() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.context?.close();
    this.stream = this.context = undefined;
  }
}

/** The microphones there are; they have names only once one was allowed. */
export async function microphones() {
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter((device) => device.kind === "audioinput");
}

const REASONS = {
  NotAllowedError: "The browser does not let this page use the microphone. Click the sign left of the address, allow the microphone, and reload.",
  NotFoundError: "No microphone was found. Plug one in, a headset will do, and try again.",
  NotReadableError: "Another program holds the microphone. Close calls and meetings, and try again.",
  OverconstrainedError: "That microphone is gone. Choose another one.",
};
