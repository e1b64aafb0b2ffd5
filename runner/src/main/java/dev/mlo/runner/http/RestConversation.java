package dev.mlo.runner.http;

import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.InferenceResponse;
import dev.mlo.contract.MalformedException;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.TensorBinary;
import dev.mlo.runner.infer.Conversation;
import dev.mlo.runner.infer.Refusal;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.util.Map;

/// An inference over REST.
final class RestConversation implements Conversation {
  private final Exchange exchange;
  private final InferenceBody.Form form;
  private final Content content;

  /// What the body holds, which may have to be unpacked first.
  @FunctionalInterface
  interface Content {
    byte[] bytes() throws MalformedException, Refusal;
  }

  RestConversation(Exchange exchange, InferenceBody.Form form, Content content) {
    this.exchange = exchange;
    this.form = form;
    this.content = content;
  }

  @Override
  public String protocol() {
    return "rest";
  }

  @Override
  public boolean isOver() {
    return exchange.isAnswered();
  }

  @Override
  public boolean isDeserted() {
    return exchange.isDeserted();
  }

  @Override
  public void heldUp() {
    exchange.heldUp();
  }

  @Override
  public InferenceRequest request(ModelCard card) throws MalformedException, Refusal {
    return form.decode(content.bytes(), card.signature());
  }

  @Override
  public void answer(InferenceRequest request, InferenceResponse response, Runnable count)
      throws IOException, Refusal {
    TensorBinary.Encoded encoded;
    try {
      encoded = TensorBinary.write(response, request.form());
    } catch (CharacterCodingException e) {
      // Another form can be asked for; the model has done what it should.
      throw new Refusal(
          Refusal.Reason.MALFORMED,
          "not_text",
          "an output holds bytes that are no UTF-8, which JSON cannot carry; ask for it with"
              + " `binary_data`: true");
    }
    if (encoded.isBinary()) {
      String header = Integer.toString(encoded.headerLength());
      exchange.send(
          200,
          InferenceBody.BINARY,
          encoded.body(),
          Map.of(InferenceBody.HEADER_LENGTH, header),
          count);
    } else {
      exchange.send(200, "application/json", encoded.body(), Map.of(), count);
    }
  }

  @Override
  public void refuse(Refusal refusal, Runnable count) {
    exchange.fail(refusal, count);
  }
}
