package org.adaptivesoftmax.inference;

import org.adaptivesoftmax.decoding.TopClasses;
import org.adaptivesoftmax.model.LanguageModel;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** The classes of a model itself: columns are ranks. The best are found by exact decoding, without the whole distribution. */
final class OwnClasses extends TokenClasses {
  private final Operand<TFloat32> logProbs;
  private final Operand<TInt64> bestColumns;
  private final Operand<TFloat32> bestLogProbs;

  @SuppressWarnings("unchecked") // The model is float32, and so is what its output layer gives.
  OwnClasses(Ops tf, LanguageModel model) {
    super(tf, model.configuration().hidden());
    int k = Math.min(LineScores.TOP, model.output().nClasses());
    TopClasses top = model.output().topK(tf, input(), k);
    logProbs = (Operand<TFloat32>) model.output().call(tf, input(), target()).output();
    bestColumns = top.classes();
    bestLogProbs = (Operand<TFloat32>) top.logProbs();
  }

  @Override
  Operand<TFloat32> logProbs() {
    return logProbs;
  }

  @Override
  Operand<TInt64> bestColumns() {
    return bestColumns;
  }

  @Override
  Operand<TFloat32> bestLogProbs() {
    return bestLogProbs;
  }

  @Override
  int column(int rank) {
    return rank;
  }

  @Override
  int classOf(int column) {
    return column;
  }
}
