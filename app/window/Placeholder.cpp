namespace reticle {}
