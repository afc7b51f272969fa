// Strokes of a pen: points from 0 to 1 across a square pad, drawn alike on a canvas of any size.

export const PAPER = "#fff", INK = "#000";

export function clear(context, side, paper = PAPER) {
  context.fillStyle = paper;
  context.fillRect(0, 0, side, side);
}

function ready(context, ink) {
  context.strokeStyle = context.fillStyle = ink;
  context.lineCap = context.lineJoin = "round";
}

/**
 * Draw a stroke from one of its points on: curves through the middles between points, so that corners of a slow mouse are smooth, and a straight end to
 * the newest point, so that ink never lags behind the pen.
 *
 * @param {CanvasRenderingContext2D} context
 * @param {{points: {x: number, y: number, width: number}[]}} stroke
 */
export function drawFrom(context, side, { points }, first, ink = INK) {
  ready(context, ink);
  for (let place = first; place < points.length; place += 1) {
    const point = points[place], before = points[place - 1], earlier = points[place - 2];
    context.beginPath();
    if (!before) {
      context.arc(side * point.x, side * point.y, (side * point.width) / 2, 0, 2 * Math.PI);
      context.fill();
      continue;
    }
    context.lineWidth = side * point.width;
    const start = earlier ? { x: (earlier.x + before.x) / 2, y: (earlier.y + before.y) / 2 } : before;
    context.moveTo(side * start.x, side * start.y);
    context.quadraticCurveTo(side * before.x, side * before.y, (side * (before.x + point.x)) / 2, (side * (before.y + point.y)) / 2);
    context.lineTo(side * point.x, side * point.y);
    context.stroke();
  }
}

/** What a pad's history shows now: the strokes since it was last cleared, or a picture. */
export function shown(history) {
  const last = history.findLastIndex((action) => action.kind !== "stroke");
  const picture = history[last]?.kind === "picture" ? history[last].canvas : null;
  return { picture, strokes: history.slice(last + 1) };
}

/** Whether all strokes together reach no further than the pen is wide. */
export function isDot(strokes) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { points } of strokes) {
    for (const { x, y, width } of points) {
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      if (Math.max(right - left, bottom - top) > width) return false;
    }
  }
  return true;
}
