package examples.pytorch;

import java.util.Random;

/** Hidden states with their classes, made up: around a center for each class. Put your network's own here. */
final class HiddenStates {
  private final float[][] centers;

  /**
   * Some of them.
   *
   * @param states [batch, width]
   * @param classes the class of each state
   */
  record Batch(float[][] states, long[] classes) {}

  HiddenStates(int width, int nClasses) {
    Random random = new Random(0);
    centers = new float[nClasses][width];
    for (float[] center : centers) {
      for (int i = 0; i < width; i++) {
        center[i] = (float) random.nextGaussian();
      }
    }
  }

  Batch batch(int size, Random random) {
    float[][] states = new float[size][];
    long[] classes = new long[size];
    for (int row = 0; row < size; row++) {
      classes[row] = random.nextInt(centers.length);
      states[row] = centers[(int) classes[row]].clone();
      for (int i = 0; i < states[row].length; i++) {
        states[row][i] += 0.5f * (float) random.nextGaussian();
      }
    }
    return new Batch(states, classes);
  }
}
