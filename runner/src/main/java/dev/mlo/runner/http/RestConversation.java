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
  private final byte[] body;
  private final BodyCoding coding;
  private final BodyCoding.Room room;

  /// @param room for the body when it is unpacked
  RestConversation(
      Exchange exchange,
      InferenceBody.Form form,
      byte[] body,
      BodyCoding coding,
      BodyCoding.Room room) {
    this.exchange = exchange;
    this.form = form;
    this.body = body;
    this.coding = coding;
    this.room = room;
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
  public InferenceRequest request(ModelCard card) throws MalformedException, Refusal {
    return form.decode(coding.plain(body, room), card.signature());
  }

  @Override
  public boolean answer(InferenceRequest request, InferenceResponse response) throws IOException {
    TensorBinary.Encoded encoded;
    try {
      encoded = TensorBinary.write(response, request.form());
    } catch (CharacterCodingException e) {
      return exchange.fail(
          new HttpRefusal(
              500,
              "not_text",
              "an output holds bytes that are no UTF-8, which JSON cannot carry; ask for it with"
                  + " `binary_data`: true"));
    }
    return encoded.isBinary()
        ? exchange.send(
            200,
            InferenceBody.BINARY,
            encoded.body(),
            Map.of(InferenceBody.HEADER_LENGTH, Integer.toString(encoded.headerLength())))
        : exchange.send(200, "application/json", encoded.body(), Map.of());
  }

  @Override
  public boolean refuse(Refusal refusal) {
    return exchange.fail(refusal);
  }
}
