// The clip whose voice is cloned, to be heard as the model hears it.
// `props.value` is the JSON of reference_look.py's `Look`, `props.label` that of the words.
import { Transport } from "./transport.js";

export function mount(element, props, watch) {
  const section = element.querySelector("section");
  const about = element.querySelector(".about-clip");
  const audio = element.querySelector("audio");
  const transport = new Transport(section, audio, JSON.parse(props.label));
  const show = () => {
    const look = JSON.parse(props.value);
    section.hidden = !look.sound;
    about.innerHTML = look.about; // written by our server, with markup escaped
    if (audio.src === look.sound) return;
    audio.src = look.sound;
    transport.waveform.show(look.peaks);
    transport.showPosition();
  };
  watch("value", show);
  show();
}
