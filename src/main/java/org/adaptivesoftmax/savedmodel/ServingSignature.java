package org.adaptivesoftmax.savedmodel;

import org.tensorflow.Signature;

/**
 * Starts the signatures that TensorFlow Serving answers. Its API asks for a signature's key and refuses one whose
 * method name is another API's; TensorFlow Java by itself sets the method name to nothing or to the key.
 */
public final class ServingSignature {
  /** The method name that {@code Predict} requests need. */
  public static final String PREDICT_METHOD = "tensorflow/serving/predict";

  /** The method name that {@code Classify} requests need. */
  public static final String CLASSIFY_METHOD = "tensorflow/serving/classify";

  private ServingSignature() {}

  /**
   * A signature for {@code Predict} requests, any inputs and outputs.
   *
   * @param key its key, such as {@link Signature#DEFAULT_KEY}
   * @return a builder that lacks inputs and outputs
   */
  public static Signature.Builder predict(String key) {
    return Signature.builder(key).methodName(PREDICT_METHOD);
  }

  /**
   * A signature for {@code Classify} requests: the input {@code inputs} string [batch] of serialized {@code
   * tf.Example}, the outputs {@code classes} string [batch, k] and {@code scores} float32 [batch, k].
   *
   * @param key its key
   * @return a builder that lacks inputs and outputs
   */
  public static Signature.Builder classify(String key) {
    return Signature.builder(key).methodName(CLASSIFY_METHOD);
  }
}
