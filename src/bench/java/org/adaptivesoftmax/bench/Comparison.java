package org.adaptivesoftmax.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Contenders at one batch, each in a worker of its own and timed in turn: A B C, A B C. A machine that is slower for a
 * while is slower for all of them.
 */
final class Comparison implements AutoCloseable {
  private static final int WARM_UP_ROUNDS = 3;

  /** Longer than threads spin for more work after a step, which would slow the next contender's. */
  private static final int PAUSE_MS = 20;

  private final List<Lane> lanes = new ArrayList<>();

  /** One contender's worker and the milliseconds of its timed steps. */
  private record Lane(Worker worker, List<Double> ms) {}

  /**
   * Adds a contender, which is closed with this, and waits until its weights are in place.
   *
   * @param spec what its worker reads first
   * @return what the contender computes with, and its version
   */
  String add(Worker worker, Object spec) throws IOException {
    lanes.add(new Lane(worker, new ArrayList<>()));
    return worker.prepare(spec);
  }

  /** How many rounds {@link #run} takes, those that warm up included. */
  static int allRounds(int rounds) {
    return WARM_UP_ROUNDS + rounds;
  }

  /**
   * Times the contenders.
   *
   * @param rounds number of timed steps of each
   * @param afterRound is run after each round, those that warm up included
   */
  Map<Contender, Measured> run(int rounds, Runnable afterRound)
      throws IOException, InterruptedException {
    time(rounds, afterRound);
    Map<Contender, Measured> measured = new EnumMap<>(Contender.class);
    for (Lane lane : lanes) {
      measured.put(lane.worker.contender(), new Measured(lane.ms, lane.worker.peakMb()));
    }
    return measured;
  }

  /** {@link #run} without the memory. */
  Map<Contender, Measured> runForTimes(int rounds, Runnable afterRound)
      throws IOException, InterruptedException {
    time(rounds, afterRound);
    Map<Contender, Measured> measured = new EnumMap<>(Contender.class);
    lanes.forEach(lane -> measured.put(lane.worker.contender(), new Measured(lane.ms, null)));
    return measured;
  }

  private void time(int rounds, Runnable afterRound) throws IOException, InterruptedException {
    for (int round = 0; round < allRounds(rounds); round++) {
      for (Lane lane : lanes) {
        Thread.sleep(PAUSE_MS);
        double ms = lane.worker.step();
        if (round >= WARM_UP_ROUNDS) {
          lane.ms.add(ms);
        }
      }
      afterRound.run();
    }
  }

  @Override
  public void close() {
    lanes.forEach(lane -> lane.worker.close());
  }
}
