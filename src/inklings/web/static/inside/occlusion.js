// Cover one spot after the other and ask again (Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV 2014, section 4.2):
// the same windows as insight/occlusion.py lays.

const MOST_POSITIONS = 200, AT_ONCE = 16, SMALLEST = 1e-6;

/** The first pixels of the windows along one side, as far over the one end as over the other. */
function starts(length, size, stride) {
  const spare = (length + size - 2) % stride, found = [];
  for (let start = 1 - size + Math.floor(spare / 2); start < length; start += stride) found.push(start);
  return found;
}

/** How sure an answer is, without an end: 50 % is 0, 99 % is 4.6. */
function logOdds(probability) {
  const kept = Math.min(Math.max(probability, SMALLEST), 1 - SMALLEST);
  return Math.log(kept / (1 - kept));
}

const rest = () => new Promise((resolve) => setTimeout(resolve));

/**
 * How much less sure of a class a network is where an image is covered with paper; each pixel the mean over the windows that cover it.
 *
 * @param {object} network
 * @param {Float32Array} image
 * @param {number} label - the class
 * @param {() => boolean} isWanted - asked between batches, so that the page stays quick; false ends it
 * @returns {Promise<Float32Array|null>} by how much the log-odds fall, (height * width); null if it was ended
 */
export async function occlusion(network, image, label, isWanted = () => true) {
  const [height, width, channels] = network.inputShape, size = Math.max(1, Math.round(Math.min(height, width) / 5));
  const stride = Math.min(Math.ceil(Math.sqrt((height * width) / MOST_POSITIONS)), size), classes = network.classNames.length;
  const places = starts(height, size, stride).flatMap((top) => starts(width, size, stride).map((left) => [top, left]));
  const whole = logOdds(network.classify(image)[label]), sums = new Float32Array(height * width), counts = new Float32Array(height * width);

  function eachPixel([top, left], act) {
    for (let row = Math.max(top, 0); row < Math.min(top + size, height); row += 1) {
      for (let column = Math.max(left, 0); column < Math.min(left + size, width); column += 1) act(row * width + column);
    }
  }

  for (let first = 0; first < places.length; first += AT_ONCE) {
    const some = places.slice(first, first + AT_ONCE), covered = new Float32Array(some.length * image.length);
    some.forEach((place, number) => {
      covered.set(image, number * image.length);
      eachPixel(place, (pixel) => covered.fill(0, number * image.length + pixel * channels, number * image.length + (pixel + 1) * channels));
    });
    const answers = network.classify(covered);
    some.forEach((place, number) => {
      const fall = whole - logOdds(answers[number * classes + label]);
      eachPixel(place, (pixel) => {
        sums[pixel] += fall;
        counts[pixel] += 1;
      });
    });
    await rest();
    if (!isWanted()) return null;
  }
  return sums.map((sum, pixel) => sum / counts[pixel]);
}
