// Runs beside the page, where sound arrives: hands it on in pieces of about 20 ms.

class Listener extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Float32Array(1024);
    this.filled = 0;
  }

  process([[sound]]) {
    for (const sample of sound ?? []) {
      this.piece[this.filled] = sample;
      this.filled += 1;
      if (this.filled === this.piece.length) {
        this.port.postMessage(this.piece.slice());
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("listener", Listener);
