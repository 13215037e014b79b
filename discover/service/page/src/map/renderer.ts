// Draws the points with WebGL2. The arrays of the map go to the graphics card as they are (9 bytes an item); panning,
// zooming, the day and the theme that is pointed at are uniforms, so that a frame is one call.
//
// Why not a library: regl (and what is built on it) compiles its commands with `new Function`, which the page's
// Content-Security-Policy refuses; deck.gl is several times the size of the whole page.

import { NONE, type Points } from "./points";

const VERTEX = `#version 300 es
in float x, y;
in uint theme, colour, day;
uniform vec2 plate, pan;
uniform float pad, zoom, radius, ratio;
uniform uint until, focus;
uniform vec3 colours[9];
out vec4 ink;
out float width;
const uint NONE = 65535u;
void main() {
  bool outlier = colour == 8u;
  bool away = focus != NONE && theme != focus;
  vec2 at = (pad + vec2(x, 1.0 - y) * (plate - 2.0 * pad)) * zoom + pan;
  bool shown = (until == NONE || day <= until) && (x > 0.0 || y > 0.0);
  gl_Position = shown ? vec4(at.x / plate.x * 2.0 - 1.0, 1.0 - at.y / plate.y * 2.0, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  width = 2.0 * ratio * (outlier ? 0.8 : 1.0) * (focus != NONE && !away ? 1.35 : 1.0) * radius + 1.0;
  gl_PointSize = width;
  ink = vec4(colours[colour], away ? 0.10 : outlier ? 0.7 : 0.85);
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 ink;
in float width;
out vec4 painted;
void main() {
  float far = length(gl_PointCoord - 0.5) * width;
  float inside = clamp(0.5 * width - far, 0.0, 1.0);
  painted = vec4(ink.rgb, 1.0) * ink.a * inside;
}`;

export interface View { x: number; y: number; k: number } // as in d3-zoom: screen = plate * k + (x, y)
export interface Look { view: View; until: number | null; focus: number | null; moving: boolean }

const SLOW = 40; // ms for a frame of all points; without a graphics card 100,000 take some 100
const LATE = 2; // slow frames in a row after which motion shows a sample
const SAMPLE = 12_000; // points of a frame in motion, where all would be slow

export const pad = (width: number): number => Math.max(14, 0.035 * width);

function program(gl: WebGL2RenderingContext): WebGLProgram {
  const made = gl.createProgram()!;
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(made, shader);
  }
  gl.linkProgram(made);
  if (!gl.getProgramParameter(made, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error(gl.getProgramInfoLog(made) ?? "no program");
  return made;
}

/** All rows, then an even sample of them, each with outliers first, so that themes lie above them. */
function order(colours: Uint8Array): Uint32Array {
  const all = colours.length, every = Math.max(1, Math.ceil(all / SAMPLE)), some = Math.ceil(all / every);
  const rows = new Uint32Array(all + some);
  let at = 0;
  for (const step of [1, every])
    for (const outlier of [true, false])
      for (let row = 0; row < all; row += step) if ((colours[row] === 8) === outlier) rows[at++] = row;
  return rows;
}

export class Renderer {
  private readonly gl: WebGL2RenderingContext;
  private readonly program: WebGLProgram;
  private readonly themeBuffer: WebGLBuffer;
  private readonly sampled: number;
  private slow = false;
  private timing = false;
  private late = 0; // frames in a row that held up the next

  /** `colours` is 0..7, or 8 for outliers, by row. Throws where the browser has no WebGL2. */
  constructor(private readonly canvas: HTMLCanvasElement, private readonly points: Points, colours: Uint8Array) {
    const gl = canvas.getContext("webgl2", { antialias: false, premultipliedAlpha: true });
    if (!gl) throw new Error("this browser does not support WebGL2");
    this.gl = gl;
    this.program = program(gl);
    const integers = (name: string, type: number, data: ArrayBufferView) => this.attribute(name, type, data, true);
    this.attribute("x", gl.UNSIGNED_SHORT, points.x, false);
    this.attribute("y", gl.UNSIGNED_SHORT, points.y, false);
    this.themeBuffer = integers("theme", gl.UNSIGNED_SHORT, new Uint16Array(points.count).fill(NONE));
    integers("colour", gl.UNSIGNED_BYTE, colours);
    integers("day", gl.UNSIGNED_SHORT, points.days);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
    const rows = order(colours);
    this.sampled = rows.length - points.count;
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, rows, gl.STATIC_DRAW);
    gl.useProgram(this.program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  private attribute(name: string, type: number, data: ArrayBufferView, integer: boolean): WebGLBuffer {
    const gl = this.gl, buffer = gl.createBuffer()!, place = gl.getAttribLocation(this.program, name);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    if (place < 0) return buffer;
    gl.enableVertexAttribArray(place);
    if (integer) gl.vertexAttribIPointer(place, 1, type, 0, 0);
    else gl.vertexAttribPointer(place, 1, type, true, 0, 0);
    return buffer;
  }

  /** Which level's numbers `focus` is one of. */
  level(level: number): void {
    const numbers = this.points.themes[level];
    if (!numbers) return;
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.themeBuffer);
    this.gl.bufferSubData(this.gl.ARRAY_BUFFER, 0, numbers);
  }

  /** The colours of the page as it looks now: eight, and that of outliers. */
  colours(): void {
    const style = getComputedStyle(this.canvas), probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
    const values = [...Array(8).keys(), -1].flatMap((i) => {
      probe.fillStyle = style.getPropertyValue(i < 0 ? "--outlier" : `--c${i}`).trim();
      probe.fillRect(0, 0, 1, 1);
      return [...probe.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((each) => each / 255);
    });
    this.gl.uniform3fv(this.gl.getUniformLocation(this.program, "colours"), values);
  }

  draw(look: Look): void {
    const { gl, canvas } = this, ratio = Math.min(devicePixelRatio || 1, 2);
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (!width || !height) return;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    gl.viewport(0, 0, canvas.width, canvas.height);
    const set = (name: string) => gl.getUniformLocation(this.program, name);
    gl.uniform2f(set("plate"), width, height);
    gl.uniform2f(set("pan"), look.view.x, look.view.y);
    gl.uniform1f(set("zoom"), look.view.k);
    gl.uniform1f(set("pad"), pad(width));
    gl.uniform1f(set("ratio"), ratio);
    const part = look.moving && (this.slow || this.late >= LATE) && this.sampled < this.points.count;
    const count = part ? this.sampled : this.points.count;
    const usual = Math.min(4.2, Math.max(1.05, 0.2 * Math.sqrt((width * height) / this.points.count))) * (part ? 1.4 : 1);
    gl.uniform1f(set("radius"), Math.min(9, usual * Math.sqrt(look.view.k)));
    gl.uniform1ui(set("until"), look.until ?? NONE);
    gl.uniform1ui(set("focus"), look.focus ?? NONE);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.drawElements(gl.POINTS, count, gl.UNSIGNED_INT, part ? 4 * this.points.count : 0);
    if (part) return;
    this.time();
    if (look.moving) this.feel();
  }

  /** Frames in motion that hold up the next are slow as well: without a graphics card most is drawn after the fence. */
  private feel(): void {
    const start = performance.now();
    requestAnimationFrame(() => { this.late = performance.now() - start > SLOW ? this.late + 1 : 0; });
  }

  /** Finds out how long a frame of all points takes, without waiting for it. */
  private time(): void {
    if (this.timing) return;
    const { gl } = this, start = performance.now(), fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (!fence) return;
    this.timing = true;
    gl.flush();
    const look = () => {
      if (gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED && !gl.isContextLost()) return setTimeout(look, 4);
      this.timing = false;
      this.slow = performance.now() - start > SLOW;
      gl.deleteSync(fence);
    };
    setTimeout(look, 4);
  }

  close(): void {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
