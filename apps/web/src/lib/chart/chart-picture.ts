export interface Picture {
  /** Said above the chart, largest first. */
  title: string;
  subtitle: string;
  ink: string;
  soft: string;
  surface: string;
}

const MARGIN = 16;
const HEAD = 48;

/** A canvas as a PNG file that can stand alone in a report: on a ground, with what it shows written above it. */
export function chartPicture(chart: HTMLCanvasElement, picture: Picture): Promise<Blob> {
  const scale = devicePixelRatio;
  const canvas = document.createElement('canvas');
  canvas.width = chart.width + 2 * MARGIN * scale;
  canvas.height = chart.height + (HEAD + 2 * MARGIN) * scale;
  const pen = canvas.getContext('2d');
  if (!pen) return Promise.reject(new Error('This browser draws no pictures.'));
  pen.fillStyle = picture.surface;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  const write = (text: string, font: string, colour: string, y: number) => {
    pen.font = font;
    pen.fillStyle = colour;
    pen.fillText(text, MARGIN * scale, y * scale, canvas.width - 2 * MARGIN * scale);
  };
  write(picture.title, `600 ${16 * scale}px system-ui, sans-serif`, picture.ink, MARGIN + 14);
  write(picture.subtitle, `${12 * scale}px system-ui, sans-serif`, picture.soft, MARGIN + 34);
  pen.drawImage(chart, MARGIN * scale, (MARGIN + HEAD) * scale);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be made.'))),
      'image/png',
    ),
  );
}
