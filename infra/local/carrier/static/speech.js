// Saying the lines of a call one after another: with the browser's voice, else in the time reading takes.

const MILLISECONDS_A_LETTER = 65;

export class Speaker {
  constructor() {
    this.enabled = true;
    this.turn = 0; // a newer turn silences an older one
  }

  /** Say the lines; resolves true when all were heard, false when somebody cut in. */
  async say(lines, onLine) {
    const turn = ++this.turn;
    for (const [index, line] of lines.entries()) {
      if (turn !== this.turn) return false;
      onLine(index);
      await (line.kind === "play" ? this.play(line.audio) : this.speak(line));
    }
    return turn === this.turn;
  }

  /** Stop at once: a key was pressed, or the call is over. */
  stop() {
    this.turn += 1;
    globalThis.speechSynthesis?.cancel();
    this.audio?.pause();
    this.cut?.();
  }

  speak(line) {
    const voice = this.enabled ? bestVoice(line.language) : null;
    if (!voice) return this.pass(line.text.length * MILLISECONDS_A_LETTER + 400);
    return new Promise((done) => {
      const words = new SpeechSynthesisUtterance(line.text);
      Object.assign(words, { lang: line.language, voice, rate: 0.95, onend: done, onerror: done });
      this.cut = done;
      speechSynthesis.speak(words);
    });
  }

  play(audio) {
    if (!this.enabled) return this.pass(4000);
    return new Promise((done) => {
      this.audio = Object.assign(audio, { currentTime: 0, onended: done, onerror: () => this.pass(2000).then(done) });
      this.cut = done;
      this.audio.play().catch(done); // a browser that allows no sound yet: go on in silence
    });
  }

  pass(milliseconds) {
    return new Promise((done) => {
      const timer = setTimeout(done, milliseconds);
      this.cut = () => { clearTimeout(timer); done(); };
    });
  }
}

/** A voice for "sv-SE": that very one, else one of the same language; null when this browser has none. */
function bestVoice(language) {
  const voices = globalThis.speechSynthesis?.getVoices() ?? [];
  const short = language.split("-")[0];
  return voices.find((voice) => voice.lang === language)
    ?? voices.find((voice) => voice.lang.split(/[-_]/)[0] === short)
    ?? null;
}
